package org.svos.telemetry.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svos.telemetry.event.Rejection.Code;

/** Payloads are read by the limits that the reader was given, and told of under them. */
class PayloadLimitsTest {

    private static final String GOOD = "{\"seq\":1,\"kind\":\"session_end\",\"time\":\"2026-11-22T09:31:00Z\"}";

    private final BatchReader reader = new BatchReader(BatchLimits.CONTRACT);

    @ParameterizedTest
    @CsvSource({"1", "64", "65", "500"})
    void anObjectAsDeepAsTheLimitIsTakenAndOneDeeperIsTooDeep(int max) throws IOException {
        BatchReader given = reader.with(new PayloadLimits(8 << 20, max));

        assertThat(payloads(given, nested(max))).containsExactly(nested(max));
        assertThat(rejected(given, nested(max + 1))).containsExactly(Code.TOO_DEEP);
    }

    @ParameterizedTest
    @CsvSource({"1", "64", "65", "500"})
    void aTextAsDeepAsTheLimitBecomesAnObjectAndOneDeeperIsKeptAndMarked(int max) throws IOException {
        BatchReader given = reader.with(new PayloadLimits(8 << 20, max));

        assertThat(payloads(given, quoted(nested(max)))).containsExactly(nested(max));
        assertThat(payloads(given, quoted(nested(max + 1))))
                .singleElement()
                .asString()
                .endsWith("\"_error\":\"nested over " + max + " deep\"}");
    }

    @ParameterizedTest
    @CsvSource({"8", "65536", "65537", "8388608"})
    void aPayloadAsLongAsTheLimitIsTakenAndOneByteMoreIsTooLong(int max) throws IOException {
        BatchReader given = reader.with(new PayloadLimits(max, 1));
        String object = "{\"a\":\"" + "x".repeat(max - 8) + "\"}";

        assertThat(rejected(given, object)).isEmpty();
        assertThat(rejected(given, object.replace("\"}", "x\"}"))).containsExactly(Code.TOO_LONG);
        assertThat(rejected(given, quoted("x".repeat(max)))).isEmpty();
        assertThat(rejected(given, quoted("x".repeat(max + 1)))).containsExactly(Code.TOO_LONG);
    }

    @Test
    void whatWasFoundSaysByWhichLimits() throws IOException {
        PayloadLimits given = new PayloadLimits(10, 2);

        assertThat(read(reader, "{}", new ArrayList<>()).limits()).isEqualTo(PayloadLimits.CONTRACT);
        assertThat(read(reader.with(given), "{}", new ArrayList<>()).limits()).isEqualTo(given);
        assertThat(reader.with(PayloadLimits.CONTRACT)).isSameAs(reader);
    }

    private static List<Code> rejected(BatchReader reader, String payload) throws IOException {
        return read(reader, payload, new ArrayList<>()).rejected().stream()
                .map(Rejection::code)
                .toList();
    }

    private static List<String> payloads(BatchReader reader, String payload) throws IOException {
        List<Event> events = new ArrayList<>();
        read(reader, payload, events);
        return events.stream()
                .filter(event -> event.kind() == Kind.MESSAGE)
                .map(Event::payload)
                .toList();
    }

    /** Reads a batch of a good event and a message with that payload, as intake does and as the forwarder does. */
    private static BatchSummary read(BatchReader reader, String payload, List<Event> events) throws IOException {
        byte[] body = ("{\"events\":[" + GOOD
                        + ",{\"seq\":2,\"kind\":\"message\",\"name\":\"m\",\"time\":\"2026-11-22T09:31:00Z\",\"payload\":"
                        + payload
                        + "}]}")
                .getBytes(StandardCharsets.UTF_8);
        Reading forwarder = reader.read(new ByteArrayInputStream(body), (index, event) -> events.add(event));
        assertThat(reader.read(new ByteArrayInputStream(body), null)).isEqualTo(forwarder);
        if (forwarder instanceof Reading.Read read) {
            return read.summary();
        }
        throw new AssertionError(forwarder);
    }

    /** An object nested so deep, itself included. */
    private static String nested(int depth) {
        return "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\\\"") + '"';
    }
}
