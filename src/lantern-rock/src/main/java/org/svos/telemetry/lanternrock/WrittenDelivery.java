package org.svos.telemetry.lanternrock;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads back what {@link DeliveryJson#write} wrote, and nothing else: it is no judge of other people's JSON. Attachments are taken
 * by their place in the text, so that they keep their digits.
 */
final class WrittenDelivery {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final byte[] json;
    private final JsonParser parser;

    private WrittenDelivery(byte[] json) {
        this.json = json;
        this.parser = JSON.createParser(ObjectReadContext.empty(), json);
    }

    static Delivery read(String database, String idempotencyKey, byte[] json) {
        var written = new WrittenDelivery(json);
        try (JsonParser open = written.parser) {
            open.nextToken();
            return written.delivery(database, idempotencyKey);
        }
    }

    private Delivery delivery(String database, String idempotencyKey) {
        String telemetryId = "";
        Map<String, String> application = null;
        Map<String, String> host = null;
        List<Session> sessions = new ArrayList<>();
        List<TelemetryRecord> records = new ArrayList<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "telemetryId" -> telemetryId = parser.getString();
                case "application" -> application = texts();
                case "host" -> host = texts();
                case "sessions" -> {
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        sessions.add(session(texts()));
                    }
                }
                case "records" -> {
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        records.add(record());
                    }
                }
                default -> throw unknown(member);
            }
        }
        return new Delivery(
                database,
                idempotencyKey,
                telemetryId,
                application == null
                        ? null
                        : new Delivery.Application(application.get("name"), application.get("version")),
                host == null ? null : host(host),
                sessions,
                records);
    }

    private static Delivery.Host host(Map<String, String> host) {
        return new Delivery.Host(
                host.get("id"), host.get("name"), host.get("bootId"), host.get("kernel"), host.get("loaderVersion"));
    }

    private static Session session(Map<String, String> session) {
        String duration = session.get("duration");
        return new Session(
                Objects.requireNonNull(session.get("id"), "id"),
                session.get("name"),
                Instant.parse(Objects.requireNonNull(session.get("start"), "start")),
                duration == null ? null : Duration.parse(duration));
    }

    private Map<String, String> texts() {
        var texts = new LinkedHashMap<String, String>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            texts.put(name, parser.getString());
        }
        return texts;
    }

    private TelemetryRecord record() {
        String name = null;
        long count = 0;
        double sum = 0;
        Instant time = Instant.EPOCH;
        String session = null;
        TelemetryRecord.Segments segments = null;
        String attachment = null;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "name" -> name = parser.getString();
                case "count" -> count = parser.getLongValue();
                case "sum" -> sum = parser.getDoubleValue();
                case "time" -> time = Instant.parse(parser.getString());
                case "session" -> session = parser.getString();
                case "segments" -> segments = segments(texts());
                case "attachment" -> attachment = raw();
                default -> throw unknown(member);
            }
        }
        return new TelemetryRecord(
                name, count, sum, Objects.requireNonNull(segments, "segments"), time, session, attachment);
    }

    private static TelemetryRecord.Segments segments(Map<String, String> segments) {
        return new TelemetryRecord.Segments(
                Objects.requireNonNull(segments.get("kind"), "kind"),
                Long.parseLong(Objects.requireNonNull(segments.get("seq"), "seq")),
                number(segments.get("bootTimeNs")),
                whole(segments.get("cpu")),
                whole(segments.get("pid")),
                segments.get("comm"));
    }

    private static @Nullable Long number(@Nullable String digits) {
        return digits == null ? null : Long.valueOf(digits);
    }

    private static @Nullable Integer whole(@Nullable String digits) {
        return digits == null ? null : Integer.valueOf(digits);
    }

    private String raw() {
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        int to = (int) parser.currentLocation().getByteOffset();
        return new String(json, from, to - from, StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException unknown(String member) {
        return new IllegalArgumentException("\"" + member + "\" was not written by this program");
    }
}
