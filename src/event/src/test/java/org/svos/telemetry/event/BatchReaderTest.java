package org.svos.telemetry.event;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.event.Reading.Malformed;
import org.svos.telemetry.event.Reading.Read;
import org.svos.telemetry.event.Reading.TooManyEvents;
import org.svos.telemetry.event.Rejection.Code;

class BatchReaderTest {

    private static final String GOOD = "{\"seq\":1,\"kind\":\"session_end\",\"time\":\"2026-11-22T09:31:00Z\"}";

    private final BatchReader reader = new BatchReader(BatchLimits.CONTRACT);
    private final List<Event> events = new ArrayList<>();

    @Test
    void theContractsExampleIsReadWhole() throws IOException {
        Reading reading = read("""
                {"host":        {"id": "h-17", "name": "lab-17", "bootId": "b-1", "kernel": "6.1.0-40-amd64", "loaderVersion": "1.0.0"},
                 "application": {"name": "hello", "version": "1.0.0"},
                 "lost":        {"ringFull": 1, "probeFault": 2, "recursion": 3, "throttled": 4, "spoolEvicted": 5},
                 "events": [
                   {"seq": 1, "kind": "register", "name": "hello", "version": "1.0.0", "time": "2026-11-22T09:31:00.123456789Z"},
                   {"seq": 2, "kind": "session_begin", "name": "startup", "time": "2026-11-22T09:31:01Z", "bootTimeNs": 123, "cpu": 0, "pid": 412, "comm": "insmod"},
                   {"seq": 3, "kind": "message", "name": "loaded", "time": "2026-11-22T09:31:02Z", "payload": "{ hello_world: true }"},
                   {"seq": 4, "kind": "session_end", "time": "2026-11-22T09:31:03Z"},
                   {"seq": 5, "kind": "unregister", "time": "2026-11-22T09:31:04Z"}]}
                """);

        assertThat(reading)
                .isEqualTo(new Read(new BatchSummary(
                        new Host("h-17", "lab-17", "b-1", "6.1.0-40-amd64", "1.0.0"),
                        new Application("hello", "1.0.0"),
                        new HostLoss(1, 2, 3, 4, 5),
                        5,
                        1,
                        5,
                        5,
                        List.of(),
                        PayloadLimits.CONTRACT)));
        assertThat(events)
                .containsExactly(
                        event(1, Kind.REGISTER, "hello", "1.0.0", "2026-11-22T09:31:00.123456789Z", null),
                        new Event(
                                2,
                                Kind.SESSION_BEGIN,
                                "startup",
                                null,
                                Instant.parse("2026-11-22T09:31:01Z"),
                                123L,
                                0,
                                412,
                                "insmod",
                                null),
                        event(3, Kind.MESSAGE, "loaded", null, "2026-11-22T09:31:02Z", "{\"hello_world\":true}"),
                        event(4, Kind.SESSION_END, null, null, "2026-11-22T09:31:03Z", null),
                        event(5, Kind.UNREGISTER, null, null, "2026-11-22T09:31:04Z", null));
    }

    @Test
    void aPayloadObjectKeepsItsDigitsAndTheLastOfItsDoubles() throws IOException {
        read(batch(
                message("{ \"n\": 1.00000000000000000000000000000000001e999999, \"a\": 1, \"b\": [ ], \"a\": {} }")));

        assertThat(events.getFirst().payload())
                .isEqualTo("{\"n\":1.00000000000000000000000000000000001e999999,\"a\":{},\"b\":[]}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"seq":1,"kind":"reboot","time":"2026-11-22T09:31:00Z"}                        | UNKNOWN_KIND
            {"seq":1,"kind":"MESSAGE","time":"2026-11-22T09:31:00Z"}                       | UNKNOWN_KIND
            {"seq":1,"kind":"","time":"2026-11-22T09:31:00Z"}                              | UNKNOWN_KIND
            {"kind":"register","time":"2026-11-22T09:31:00Z"}                              | MISSING_FIELD
            {"seq":null,"kind":"register","time":"2026-11-22T09:31:00Z"}                   | MISSING_FIELD
            {"seq":1,"time":"2026-11-22T09:31:00Z"}                                        | MISSING_FIELD
            {"seq":1,"kind":"register"}                                                    | MISSING_FIELD
            {"seq":1,"kind":"message","time":"2026-11-22T09:31:00Z","payload":"{}"}        | MISSING_FIELD
            {"seq":1,"kind":"message","time":"2026-11-22T09:31:00Z","name":"n"}            | MISSING_FIELD
            {}                                                                             | MISSING_FIELD
            {"seq":"1","kind":"register","time":"2026-11-22T09:31:00Z"}                    | WRONG_TYPE
            {"seq":1.0,"kind":"register","time":"2026-11-22T09:31:00Z"}                    | WRONG_TYPE
            {"seq":1e2,"kind":"register","time":"2026-11-22T09:31:00Z"}                    | WRONG_TYPE
            {"seq":0,"kind":"register","time":"2026-11-22T09:31:00Z"}                      | WRONG_TYPE
            {"seq":-1,"kind":"register","time":"2026-11-22T09:31:00Z"}                     | WRONG_TYPE
            {"seq":9223372036854775808,"kind":"register","time":"2026-11-22T09:31:00Z"}    | WRONG_TYPE
            {"seq":[[1]],"kind":"register","time":"2026-11-22T09:31:00Z"}                  | WRONG_TYPE
            {"seq":1,"kind":7,"time":"2026-11-22T09:31:00Z"}                               | WRONG_TYPE
            {"seq":1,"kind":"register","time":1}                                           | WRONG_TYPE
            {"seq":1,"kind":"register","time":"yesterday"}                                 | WRONG_TYPE
            {"seq":1,"kind":"register","time":"2026-02-29T09:31:00Z"}                      | WRONG_TYPE
            {"seq":1,"kind":"register","time":"2026-11-22T09:31:00Z","name":{"a":1}}       | WRONG_TYPE
            {"seq":1,"kind":"register","time":"2026-11-22T09:31:00Z","version":1}          | WRONG_TYPE
            {"seq":1,"kind":"register","time":"2026-11-22T09:31:00Z","bootTimeNs":-1}      | WRONG_TYPE
            {"seq":1,"kind":"register","time":"2026-11-22T09:31:00Z","cpu":2147483648}     | WRONG_TYPE
            {"seq":1,"kind":"register","time":"2026-11-22T09:31:00Z","pid":"1"}            | WRONG_TYPE
            {"seq":1,"kind":"register","time":"2026-11-22T09:31:00Z","comm":[]}            | WRONG_TYPE
            {"seq":1,"kind":"message","name":"n","time":"2026-11-22T09:31:00Z","payload":1}    | WRONG_TYPE
            {"seq":1,"kind":"message","name":"n","time":"2026-11-22T09:31:00Z","payload":[{}]} | WRONG_TYPE
            17                                                                             | WRONG_TYPE
            [{"seq":1}]                                                                    | WRONG_TYPE
            null                                                                           | WRONG_TYPE
            """)
    void anEventThatCanNeverBeValidIsRejectedAlone(String event, Code code) throws IOException {
        BatchSummary summary = summary("{\"events\":[" + GOOD + "," + event + "," + GOOD + "]}");

        assertThat(summary.valid()).isEqualTo(2);
        assertThat(summary.rejected()).singleElement().satisfies(rejection -> {
            assertThat(rejection.index()).isEqualTo(1);
            assertThat(rejection.code()).isEqualTo(code);
            assertThat(rejection.detail()).isNotBlank();
        });
        assertThat(events).hasSize(2);
    }

    @Test
    void aNameOf128CharactersIsTakenAndOneMoreIsTooLong() throws IOException {
        assertThat(codeOf(named("x".repeat(128)))).isNull();
        assertThat(codeOf(named("😀".repeat(128)))).isNull();
        assertThat(codeOf(named("x".repeat(129)))).isEqualTo(Code.TOO_LONG);
        assertThat(codeOf(named("😀".repeat(129)))).isEqualTo(Code.TOO_LONG);
    }

    @Test
    void aPayloadTextOf64KiBIsTakenAndOneByteMoreIsTooLong() throws IOException {
        int max = 64 * 1024;
        assertThat(codeOf(message("\"" + "x".repeat(max) + "\""))).isNull();
        assertThat(codeOf(message("\"" + "\\n".repeat(max) + "\""))).isNull();
        assertThat(codeOf(message("\"" + "é".repeat(max / 2) + "\""))).isNull();
        assertThat(codeOf(message("\"" + "x".repeat(max + 1) + "\""))).isEqualTo(Code.TOO_LONG);
        assertThat(codeOf(message("\"" + "é".repeat(max / 2) + "x\""))).isEqualTo(Code.TOO_LONG);
        assertThat(codeOf(message("\"" + "😀".repeat(max / 4) + "x\""))).isEqualTo(Code.TOO_LONG);
    }

    @Test
    void aPayloadObjectOf64KiBIsTakenAndOneByteMoreIsTooLong() throws IOException {
        int max = 64 * 1024;
        assertThat(codeOf(message("{\"a\":\"" + "x".repeat(max - 8) + "\"}"))).isNull();
        assertThat(codeOf(message("{\"a\":\"" + "x".repeat(max - 7) + "\"}"))).isEqualTo(Code.TOO_LONG);
        assertThat(codeOf(message("{" + " ".repeat(max - 1) + "}"))).isEqualTo(Code.TOO_LONG);
        assertThat(codeOf(message("{\"" + "k".repeat(max) + "\":[[],[]]}"))).isEqualTo(Code.TOO_LONG);
        assertThat(codeOf(message("{\"a\":[" + "[],".repeat(max) + "{}]}"))).isEqualTo(Code.TOO_LONG);
    }

    @Test
    void aPayloadObjectNested64DeepIsTakenAndOneDeeperIsTooDeep() throws IOException {
        assertThat(codeOf(message("{\"a\":" + nested(63) + "}"))).isNull();
        assertThat(codeOf(message("{\"a\":" + nested(64) + "}"))).isEqualTo(Code.TOO_DEEP);
        assertThat(codeOf(message("{\"a\":[[],{\"b\":" + nested(300) + "}]}"))).isEqualTo(Code.TOO_DEEP);
    }

    @Test
    void aBodyNestedOver1000DeepIsMalformed() throws IOException {
        assertThat(read("{\"x\":" + nested(999) + ",\"events\":[" + GOOD + "]}"))
                .isInstanceOf(Read.class);
        assertThat(read("{\"x\":" + nested(1000) + ",\"events\":[" + GOOD + "]}"))
                .isInstanceOfSatisfying(
                        Malformed.class, m -> assertThat(m.line()).isEqualTo(1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                               | ''
            []                                               | ''
            "text"                                           | ''
            {}                                               | /events
            {"events":null}                                  | /events
            {"events":[]}                                    | /events
            {"events":{}}                                    | /events
            {"events":[1,2]}                                 | /events/0
            {"events":[@],"events":[@]}                      | /events
            {"events":[@],"host":1}                          | /host
            {"host":{},"host":{},"events":[@]}               | /host
            {"host":{"id":7},"events":[@]}                   | /host/id
            {"events":[@],"host":{"kernel":{}}}              | /host/kernel
            {"events":[@],"application":"hello"}             | /application
            {"application":{"version":1.0},"events":[@]}     | /application/version
            {"lost":[],"events":[@]}                         | /lost
            {"lost":{"ringFull":-1},"events":[@]}            | /lost/ringFull
            {"lost":{"recursion":9223372036854775808},"events":[@]} | /lost/recursion
            {"lost":{"throttled":"1"},"events":[@]}          | /lost/throttled
            """)
    void aFaultOfFormIsNamedByItsPointer(String body, String pointer) throws IOException {
        assertThat(read(body.replace("@", GOOD))).isInstanceOfSatisfying(Malformed.class, malformed -> {
            assertThat(malformed.pointer()).isEqualTo(pointer);
            assertThat(malformed.line()).isNull();
            assertThat(malformed.detail()).isNotBlank();
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"events":[@]                  | 1 | 73
            {"events":[@]} x               | 1 | 76
            {"events":[@]}{}               | 1 | 75
            {'events':[@]}                 | 1 | 2
            {"events":[@,]}                | 1 | 73
            {"events":[@],"a":01}          | 1 | 79
            {"events":[@],"a":NaN}         | 1 | 80
            {"events":[@],"a":"\\x"}       | 1 | 80
            {                              | 1 | 2
            """)
    void aFaultOfJsonIsNamedByLineAndColumn(String body, int line, int column) throws IOException {
        assertThat(read(body.replace("@", GOOD))).isInstanceOfSatisfying(Malformed.class, malformed -> {
            assertThat(malformed.pointer()).isNull();
            assertThat(malformed.line()).isEqualTo(line);
            assertThat(malformed.column()).isBetween(column - 2, column + 2);
            assertThat(malformed.detail()).isNotBlank().doesNotContain("Source", "Feature");
        });
    }

    @Test
    void aByteThatIsNotUtf8IsNamedByItsPlace() throws IOException {
        byte[] body = ("{\"a\":\"x\u00FF\",\"events\":[" + GOOD + "]}").getBytes(ISO_8859_1);

        assertThat(read(body)).isInstanceOfSatisfying(Malformed.class, malformed -> {
            assertThat(malformed.detail()).contains("UTF-8", "0xFF", "offset 7");
            assertThat(malformed.line()).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"C080", "EDA080", "F4908080", "F8888080", "80", "E28228", "C3", "F09F98"})
    void whatIsNoUtf8IsMalformedWhereverItStands(String hex) throws IOException {
        String wrong = new String(HexFormat.of().parseHex(hex), ISO_8859_1);

        for (String body : List.of(
                "{\"events\":[" + GOOD + "],\"skipped\":\"" + wrong + "\"}",
                "{\"events\":[" + GOOD + "],\"skipped" + wrong + "\":1}",
                "{\"events\":[" + GOOD + "],\"host\":{\"id\":\"" + wrong + "\"}}",
                "{\"events\":[" + GOOD + "]}" + wrong)) {
            assertThat(read(body.getBytes(ISO_8859_1))).isInstanceOf(Malformed.class);
        }
    }

    @Test
    void otherUnicodeEncodingsAreMalformedAndAByteOrderMarkInUtf8IsLetPass() throws IOException {
        String body = "{\"events\":[" + GOOD + "]}";

        assertThat(read(body.getBytes(UTF_16LE))).isInstanceOf(Malformed.class);
        assertThat(read(body.getBytes(UTF_16BE))).isInstanceOf(Malformed.class);
        assertThat(read("\uFEFF" + body)).isInstanceOf(Read.class);
    }

    @Test
    void loneSurrogatesAndNulsOfNamesAreReplacedAndNulsOfPayloadsStay() throws IOException {
        read(batch(
                "{\"seq\":1,\"kind\":\"message\",\"name\":\"a\\ud800\\u0000\\ud83d\\ude00\",\"payload\":{\"k\":\"\\u0000\\ud800\"},"
                        + "\"time\":\"2026-11-22T09:31:00Z\"}"));

        assertThat(events.getFirst().name()).isEqualTo("a\uFFFD\uFFFD😀");
        assertThat(events.getFirst().payload()).isEqualTo("{\"k\":\"\\u0000\uFFFD\"}");
    }

    @Test
    void aKeySpelledWithALoneSurrogateIsMalformed() throws IOException {
        assertThat(read("{\"events\":[" + GOOD + "],\"\\udc00\":1}")).isInstanceOf(Malformed.class);
    }

    @Test
    void unknownKeysNullsAndTheOrderOfKeysDoNotMatter() throws IOException {
        BatchSummary summary = summary("""
                {"x": [{"events": 1}], "host": null, "events": [
                   {"payload": {"a": 1}, "y": {"seq": 0}, "time": "2026-11-22T09:31:00Z", "name": "n", "kind": "message", "seq": 9, "pid": null}],
                 "lost": null, "application": {"z": [], "name": null}}
                """);

        assertThat(summary.valid()).isEqualTo(1);
        assertThat(summary.host()).isNull();
        assertThat(summary.application()).isEqualTo(new Application(null, null));
        assertThat(events).containsExactly(event(9, Kind.MESSAGE, "n", null, "2026-11-22T09:31:00Z", "{\"a\":1}"));
    }

    @Test
    void ofAKeyOfAnEventGivenTwiceTheLastCounts() throws IOException {
        read(batch("{\"seq\":1,\"seq\":2,\"kind\":\"register\",\"time\":\"2026-11-22T09:31:00Z\"}"));

        assertThat(events.getFirst().seq()).isEqualTo(2);
    }

    @Test
    void theSequenceNumbersOfRejectedEventsCountToo() throws IOException {
        BatchSummary summary =
                summary("{\"events\":[{\"seq\":9,\"kind\":\"reboot\"},{\"kind\":\"reboot\"}," + GOOD + "]}");

        assertThat(summary.firstSeq()).isEqualTo(1);
        assertThat(summary.lastSeq()).isEqualTo(9);
        assertThat(summary.sequenced()).isEqualTo(2);
        assertThat(summary.events()).isEqualTo(3);
    }

    @Test
    void theEventsOfABatchWithTooManyAreCounted() throws IOException {
        String tenThousand = (GOOD + ",").repeat(9_999) + GOOD;

        assertThat(read("{\"events\":[" + tenThousand + "]}")).isInstanceOf(Read.class);
        assertThat(read("{\"events\":[" + tenThousand + "," + GOOD + ",7,[]]}"))
                .isEqualTo(new TooManyEvents(10_000, 10_003));
        assertThat(read("{\"events\":[" + tenThousand + "," + GOOD + ",7,[}]")).isInstanceOf(Malformed.class);
    }

    @Test
    void theParsersOwnLimitsTurnNothingAway() throws IOException {
        String digits = "9".repeat(200_000);
        String text = "x".repeat(25_000_000);
        StringBuilder keys = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            keys.append("\"key").append(i).append("\":").append(i).append(',');
        }

        assertThat(read("{\"" + digits + "\":" + digits + ",\"x\":-" + digits + ".5e-" + digits + ",\"events\":[" + GOOD
                        + "]}"))
                .isInstanceOf(Read.class);
        assertThat(read("{\"x\":\"" + text + "\",\"events\":[" + GOOD + "]}")).isInstanceOf(Read.class);
        assertThat(read("{\"x\":{" + keys + "\"y\":1},\"events\":[" + GOOD + "]}"))
                .isInstanceOf(Read.class);
        assertThat(codeOf(message("\"" + text + "\""))).isEqualTo(Code.TOO_LONG);
    }

    @Test
    void whatTheStreamThrowsComesOutAsItIs() {
        IOException broken = new IOException("cut off");
        InputStream body = new FilterInputStream(new ByteArrayInputStream("{ \"".getBytes(UTF_8))) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int n = super.read(buffer, offset, length);
                if (n < 0) {
                    throw broken;
                }
                return n;
            }
        };

        assertThatThrownBy(() -> reader.read(body, null)).isSameAs(broken);
    }

    private static Event event(
            long seq,
            Kind kind,
            @Nullable String name,
            @Nullable String version,
            String time,
            @Nullable String payload) {
        return new Event(seq, kind, name, version, Instant.parse(time), null, null, null, null, payload);
    }

    private static String batch(String event) {
        return "{\"events\":[" + event + "]}";
    }

    private static String message(String payload) {
        return "{\"seq\":1,\"kind\":\"message\",\"name\":\"n\",\"time\":\"2026-11-22T09:31:00Z\",\"payload\":" + payload
                + "}";
    }

    private static String named(String name) {
        return "{\"seq\":1,\"kind\":\"register\",\"time\":\"2026-11-22T09:31:00Z\",\"name\":\"" + name + "\"}";
    }

    private static String nested(int depth) {
        return "[".repeat(depth) + "]".repeat(depth);
    }

    private @Nullable Code codeOf(String event) throws IOException {
        BatchSummary summary = summary("{\"events\":[" + GOOD + "," + event + "]}");
        return summary.rejected().isEmpty()
                ? null
                : summary.rejected().getFirst().code();
    }

    private BatchSummary summary(String body) throws IOException {
        return ((Read) read(body)).summary();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"host":{"id":"h1"},"events":[           | h1
            {"events":[{"a":[]}],"host":{"id":"h1"}  | h1
            {"host":{"id":null}}                     |
            {"host":null,"events":[]}                |
            {"events":[]}                            |
            {"host":{"id":17}}                       |
            {"host":{"id":"h1"                       |
            [                                        |
            """)
    void theHostIsReadByItselfAndNothingBehindIt(String body, @Nullable String id) throws IOException {
        Host host = reader.readHost(new ByteArrayInputStream(body.getBytes(UTF_8)));
        assertThat(host == null ? null : host.id()).isEqualTo(id);
    }

    @Test
    void namesThatAreToldApartByOneCharacterStayApart() throws IOException {
        var body = new StringBuilder("{\"events\":[");
        for (int i = 0; i < 2_000; i++) {
            // "Aa" and "BB" have the same hash.
            body.append(i == 0 ? "" : ",")
                    .append("{\"seq\":1,\"kind\":\"session_begin\",\"time\":\"2026-11-22T09:31:00Z\",\"name\":\"")
                    .append(i % 2 == 0 ? "Aa" : "BB")
                    .append(i % 100)
                    .append("\"}");
        }
        read(body.append("]}").toString());
        for (int i = 0; i < 2_000; i++) {
            assertThat(events.get(i).name()).isEqualTo((i % 2 == 0 ? "Aa" : "BB") + i % 100);
        }
    }

    private Reading read(String body) throws IOException {
        return read(body.getBytes(UTF_8));
    }

    /** Reads as the forwarder and as intake, which must agree. */
    private Reading read(byte[] body) throws IOException {
        events.clear();
        Reading forward = reader.read(new ByteArrayInputStream(body), (index, event) -> events.add(event));
        Reading intake = reader.read(new ByteArrayInputStream(body), null);
        assertThat(intake).isEqualTo(forward);
        return intake;
    }
}
