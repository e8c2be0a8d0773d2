package org.svos.telemetry.lanternrock.standin;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.standin.ReceivedDelivery.ReceivedRecord;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the body of a delivery and holds it against the model of {@code openapi.yaml}: nothing is missing, nothing is of
 * another type, and there is nothing that the model does not know.
 *
 * <p>Numbers and attachments are taken as the text that came, by their place in the body: what was sent is what is kept.
 */
final class DeliveryReader {

    static final int MAX_RECORDS = 10_000;

    private static final Pattern TELEMETRY_ID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern WHOLE_OVER_ZERO = Pattern.compile("[1-9][0-9]*");
    private static final Pattern DURATION = Pattern.compile("PT(?=.)([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]{1,9})?S)?");
    private static final int MAX_NESTING = 1_000;

    /** As JSON texts. */
    private static final List<String> KINDS =
            List.of("\"register\"", "\"session_begin\"", "\"message\"", "\"session_end\"", "\"unregister\"");

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final byte[] body;
    private final JsonParser parser;

    private DeliveryReader(byte[] body) {
        this.body = body;
        this.parser = JSON.createParser(ObjectReadContext.empty(), body);
    }

    /**
     * Reads a body.
     *
     * @throws InvalidDeliveryException with 400 if it is not JSON, with 422 if it is no delivery
     */
    static ReceivedDelivery read(byte[] body) throws InvalidDeliveryException {
        var reader = new DeliveryReader(body);
        try (JsonParser open = reader.parser) {
            open.nextToken();
            ReceivedDelivery delivery = reader.delivery();
            if (open.nextToken() != null) {
                throw new InvalidDeliveryException(400, "", "there is more after the delivery");
            }
            return delivery;
        } catch (JacksonException e) {
            throw new InvalidDeliveryException(400, "", "not JSON: " + e.getOriginalMessage());
        }
    }

    private ReceivedDelivery delivery() throws InvalidDeliveryException {
        expect(JsonToken.START_OBJECT, "", "a delivery is a JSON object");
        String telemetryId = null;
        Map<String, String> application = null;
        Map<String, String> host = null;
        Map<String, @Nullable String> sessions = null;
        List<ReceivedRecord> records = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "telemetryId" -> telemetryId = string("/telemetryId");
                case "application" -> application = texts("/application", List.of("name", "version"));
                case "host" -> host = texts("/host", List.of("id", "name", "bootId", "kernel", "loaderVersion"));
                case "sessions" -> sessions = sessions();
                case "records" -> records = records();
                default -> throw unknown("/" + member);
            }
        }
        if (!TELEMETRY_ID.matcher(required(telemetryId, "/telemetryId")).matches()) {
            throw wrong("/telemetryId", "must be 32 hexadecimal digits in UUID form, in lower case");
        }
        delivery(required(sessions, "/sessions"), required(records, "/records"));
        return new ReceivedDelivery(
                required(telemetryId, "/telemetryId"),
                application,
                host,
                required(sessions, "/sessions"),
                required(records, "/records"));
    }

    private static void delivery(Map<String, @Nullable String> sessions, List<ReceivedRecord> records)
            throws InvalidDeliveryException {
        if (records.isEmpty() || records.size() > MAX_RECORDS) {
            throw wrong("/records", "must have 1 to " + MAX_RECORDS + " records");
        }
        for (int i = 0; i < records.size(); i++) {
            String session = records.get(i).session();
            if (session != null && !sessions.containsKey(session)) {
                throw wrong("/records/" + i + "/session", "must be the id of one of the sessions");
            }
        }
    }

    private Map<String, @Nullable String> sessions() throws InvalidDeliveryException {
        expect(JsonToken.START_ARRAY, "/sessions", "must be an array");
        var sessions = new LinkedHashMap<String, @Nullable String>();
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            String at = "/sessions/" + i;
            Map<String, String> session = texts(at, List.of("id", "name", "start", "duration"));
            instant(required(session.get("start"), at + "/start"), at + "/start");
            duration(session.get("duration"), at + "/duration");
            String id = required(session.get("id"), at + "/id");
            if (sessions.containsKey(id)) {
                throw wrong(at + "/id", "is another session's too");
            }
            sessions.put(id, session.get("name"));
        }
        return sessions;
    }

    private List<ReceivedRecord> records() throws InvalidDeliveryException {
        expect(JsonToken.START_ARRAY, "/records", "must be an array");
        var records = new ArrayList<ReceivedRecord>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            records.add(record("/records/" + records.size()));
        }
        return records;
    }

    private ReceivedRecord record(String at) throws InvalidDeliveryException {
        expect(JsonToken.START_OBJECT, at, "must be an object");
        String name = null;
        String count = null;
        String sum = null;
        String time = null;
        String session = null;
        Map<String, String> segments = null;
        String attachment = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            String here = at + "/" + member;
            parser.nextToken();
            switch (member) {
                case "name" -> name = string(here);
                case "count" -> count = count(here);
                case "sum" -> sum = number(here);
                case "time" -> time = instant(string(here), here);
                case "session" -> session = string(here);
                case "segments" -> segments = segments(here);
                case "attachment" -> attachment = attachment(here);
                default -> throw unknown(here);
            }
        }
        return new ReceivedRecord(
                name,
                required(count, at + "/count"),
                required(sum, at + "/sum"),
                required(time, at + "/time"),
                session,
                required(segments, at + "/segments"),
                attachment);
    }

    private Map<String, String> segments(String at) throws InvalidDeliveryException {
        expect(JsonToken.START_OBJECT, at, "must be an object");
        var segments = new LinkedHashMap<String, String>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            if (!parser.nextToken().isScalarValue() || parser.currentToken() == JsonToken.VALUE_NULL) {
                throw wrong(at + "/" + key, "must be a text, a number or a boolean");
            }
            segments.put(key, raw());
        }
        if (!KINDS.contains(required(segments.get("kind"), at + "/kind"))) {
            throw wrong(at + "/kind", "must be one of " + KINDS);
        }
        if (!WHOLE_OVER_ZERO.matcher(required(segments.get("seq"), at + "/seq")).matches()) {
            throw wrong(at + "/seq", "must be a whole number over 0");
        }
        return segments;
    }

    private Map<String, String> texts(String at, List<String> members) throws InvalidDeliveryException {
        expect(JsonToken.START_OBJECT, at, "must be an object");
        var texts = new LinkedHashMap<String, String>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            parser.nextToken();
            if (!members.contains(member)) {
                throw unknown(at + "/" + member);
            }
            texts.put(member, string(at + "/" + member));
        }
        return texts;
    }

    private String attachment(String at) throws InvalidDeliveryException {
        expect(JsonToken.START_OBJECT, at, "must be an object");
        return raw();
    }

    private String count(String at) throws InvalidDeliveryException {
        String digits = number(at);
        if (!WHOLE_OVER_ZERO.matcher(digits).matches()) {
            throw wrong(at, "must be a whole number over 0");
        }
        return digits;
    }

    private String number(String at) throws InvalidDeliveryException {
        if (!parser.currentToken().isNumeric()) {
            throw wrong(at, "must be a number");
        }
        return raw();
    }

    private String string(String at) throws InvalidDeliveryException {
        expect(JsonToken.VALUE_STRING, at, "must be a text");
        return parser.getString();
    }

    /** The current value as it stands in the body; a structure is passed over to its end. */
    private String raw() {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        // A scalar is read lazily: its end is known when it has been asked for.
        if (parser.currentToken().isScalarValue()) {
            parser.getString();
        }
        int to = (int) parser.currentLocation().getByteOffset();
        return new String(body, from, to - from, StandardCharsets.UTF_8).strip();
    }

    private static String instant(String text, String at) throws InvalidDeliveryException {
        try {
            Instant.parse(text);
            return text;
        } catch (DateTimeParseException e) {
            throw wrong(at, "must be a time as RFC 3339 has it");
        }
    }

    private static void duration(@Nullable String text, String at) throws InvalidDeliveryException {
        if (text != null && !DURATION.matcher(text).matches()) {
            throw wrong(at, "must be a duration as ISO 8601 has it, in hours, minutes and seconds");
        }
    }

    private void expect(JsonToken token, String at, String must) throws InvalidDeliveryException {
        if (parser.currentToken() != token) {
            throw wrong(at, must);
        }
    }

    private static <T> T required(@Nullable T value, String at) throws InvalidDeliveryException {
        if (value == null) {
            throw wrong(at, "is missing");
        }
        return value;
    }

    private static InvalidDeliveryException unknown(String at) {
        return wrong(at, "is not known to the model");
    }

    private static InvalidDeliveryException wrong(String at, String must) {
        return new InvalidDeliveryException(422, at, must);
    }
}
