package org.svos.telemetry.acceptance;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A batch of a {@link SandboxStream}, and what is known of it. Its content follows from the stream's seed and its number, so it can
 * be sent again, or compared with what arrived, without being kept.
 */
final class SentBatch {

    private static final int MAX_TEXT_BYTES = 90;

    /** What the sender was told of it, in the end. */
    enum Fate {
        UNDECIDED,
        /** 202, or 200 after an answer that never came. */
        ACKNOWLEDGED,
        /** The last answer was a refusal: it was not kept, and never will be. */
        REFUSED,
        /** Given up after a broken connection: kept whole, or not at all. */
        ABANDONED
    }

    private final SandboxStream stream;
    private final int number;
    private final long firstSeq;
    private final int events;
    private final boolean oneInvalid;
    private final int bytes;
    private final LocalDate begun = LocalDate.now(ZoneOffset.UTC);

    private volatile LocalDate ended = begun;
    private volatile Fate fate = Fate.UNDECIDED;
    private volatile boolean mayBeKept;
    private volatile @Nullable String answer;

    /**
     * A batch.
     *
     * @param events that are valid
     * @param oneInvalid whether an event that can never be valid follows them
     */
    SentBatch(SandboxStream stream, int number, long firstSeq, int events, boolean oneInvalid) {
        this.stream = stream;
        this.number = number;
        this.firstSeq = firstSeq;
        this.events = events;
        this.oneInvalid = oneInvalid;
        this.bytes = body(false).length;
    }

    int number() {
        return number;
    }

    int events() {
        return events;
    }

    int invalidEvents() {
        return oneInvalid ? 1 : 0;
    }

    /** Of the body, decompressed: what the quota counts. */
    int bytes() {
        return bytes;
    }

    String key() {
        return stream.host() + "-" + number;
    }

    long seq(int event) {
        return firstSeq + event;
    }

    Fate fate() {
        return fate;
    }

    void decided(Fate decided) {
        ended = LocalDate.now(ZoneOffset.UTC);
        fate = decided;
    }

    /** The UTC days on one of which it was admitted, if it was: two if it was under way at midnight. */
    Set<LocalDate> days() {
        return new HashSet<>(List.of(begun, ended));
    }

    /** A request for it got no answer: it may have been kept. */
    void leftOpen() {
        mayBeKept = true;
    }

    boolean mayBeKept() {
        return mayBeKept;
    }

    /**
     * Takes the body of a 202 or 200.
     *
     * @return what is wrong with it; null if nothing is
     */
    @Nullable
    String answered(String body) {
        String first = answer;
        if (first != null) {
            return first.equals(body) ? null : "was answered " + first + " at first, and now " + body;
        }
        answer = body;
        JsonNode json = Http.JSON.readTree(body);
        boolean right = json.path("batch").asString("").equals(key())
                && json.path("accepted").asInt(-1) == events
                && json.path("rejected").size() == invalidEvents()
                && (!oneInvalid || json.path("rejected").path(0).path("index").asInt(-1) == events);
        return right
                ? null
                : "has " + events + " valid and " + invalidEvents() + " invalid events, but the answer is " + body;
    }

    /**
     * The body, not compressed.
     *
     * @param altered for another one that has the same key
     */
    byte[] body(boolean altered) {
        var json = new StringBuilder(200 + events * 200);
        json.append("{\"host\": {\"id\": \"").append(stream.host()).append("\", \"name\": \"lab\", \"bootId\": \"");
        json.append(stream.boot()).append("\"}, \"application\": {\"name\": \"killed\", \"version\": \"");
        json.append(altered ? "altered" : "1.0.0")
                .append("\"}, \"lost\": {\"ringFull\": ")
                .append(number);
        json.append("}, \"events\": [");
        for (int event = 0; event < events; event++) {
            json.append(event == 0 ? "\n" : ",\n").append("{\"seq\": ").append(seq(event));
            json.append(", \"kind\": \"message\", \"name\": \"load\", \"time\": \"2026-11-22T09:31:00.123456789Z\"");
            json.append(", \"payload\": ").append(payload(event)).append('}');
        }
        if (oneInvalid) {
            json.append(", {\"kind\": \"no-kind\", \"time\": \"2026-11-22T09:31:00Z\"}");
        }
        return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Every other one as relaxed text, as a driver would emit it. */
    private String payload(int event) {
        String text = text(event);
        return event % 2 == 0
                ? "{\"batch\": %d, \"event\": %d, \"text\": \"%s\"}".formatted(number, event, text)
                : "\"{ batch: %d, event: %d, text: '%s', }\"".formatted(number, event, text);
    }

    /** Whether this is the payload that the event has to arrive with. */
    boolean isPayload(int event, JsonNode payload) {
        return payload.size() == 3
                && payload.path("batch").asInt(-1) == number
                && payload.path("event").asInt(-1) == event
                && payload.path("text").asString("").equals(text(event));
    }

    private String text(int event) {
        var random = new SplittableRandom(stream.seed() * 31 + number * 10_007L + event);
        byte[] text = new byte[random.nextInt(MAX_TEXT_BYTES)];
        random.nextBytes(text);
        return HexFormat.of().formatHex(text);
    }

    /** The headers that tell how {@link #onTheWire} has the body. */
    Map<String, String> contentHeaders() {
        return Map.of("Content-Type", "application/json", "Content-Encoding", encoding());
    }

    private String encoding() {
        return switch (number % 3) {
            case 0 -> "zstd";
            case 1 -> "gzip";
            default -> "identity";
        };
    }

    byte[] onTheWire(boolean altered) {
        byte[] body = body(altered);
        return switch (encoding()) {
            case "zstd" -> Zstd.compress(body);
            case "gzip" -> gzip(body);
            default -> body;
        };
    }

    private static byte[] gzip(byte[] body) {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public String toString() {
        return "batch " + number + " of " + stream + " (" + events + " events, " + fate + ")";
    }
}
