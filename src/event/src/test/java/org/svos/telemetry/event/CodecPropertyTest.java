package org.svos.telemetry.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.svos.telemetry.event.Reading.Read;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class CodecPropertyTest {

    private static final JsonFactory STRICT = JsonFactory.builder().build();

    private final BatchReader reader = new BatchReader(new BatchLimits(5, 3, new PayloadLimits(40, 3), 8));

    @Property
    void anyTextBecomesAStrictObjectAndStaysIt(@ForAll("texts") String text) {
        String normalised = Payload.normalise(text);

        assertThat(isStrictObject(normalised)).as(normalised).isTrue();
        assertThat(new String(normalised.getBytes(UTF_8), UTF_8)).isEqualTo(normalised);
        assertThat(Payload.normalise(normalised)).isEqualTo(normalised);
    }

    @Property
    void whatIsNormalisedWithoutAParserIsWhatTheParserMakesOfIt(@ForAll("texts") String text) {
        for (int depth = 1; depth <= 3; depth++) {
            String plain = PlainPayload.normalise(text, depth, FieldNames.NONE);
            if (plain != null) {
                assertThat(plain).isEqualTo(Payload.parsed(text, depth));
            }
        }
    }

    @Property
    void anyBytesAreReadAlikeByIntakeAndForwarder(@ForAll("bodies") byte[] body) throws IOException {
        List<Event> events = new ArrayList<>();
        Reading forward = reader.read(new ByteArrayInputStream(body), (index, event) -> events.add(event));
        Reading intake = reader.read(new ByteArrayInputStream(body), null);

        assertThat(intake).isEqualTo(forward);
        if (intake instanceof Read(BatchSummary summary)) {
            assertThat(events).hasSize(summary.valid());
            assertThat(events).allSatisfy(event -> {
                assertThat(event.seq()).isBetween(summary.firstSeq(), summary.lastSeq());
                if (event.kind() == Kind.MESSAGE) {
                    assertThat(isStrictObject(String.valueOf(event.payload()))).isTrue();
                }
            });
        }
    }

    @Property
    void aStreamThatComesInDropsIsReadAsOneThatComesAtOnce(@ForAll("bodies") byte[] body) throws IOException {
        ByteArrayInputStream drops = new ByteArrayInputStream(body) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
                return super.read(buffer, offset, Math.min(length, 1));
            }
        };

        Reading inDrops = reader.read(drops, null);
        Reading atOnce = reader.read(new ByteArrayInputStream(body), null);
        assertThat(inDrops).hasSameClassAs(atOnce);
        if (inDrops instanceof Read) {
            assertThat(inDrops).isEqualTo(atOnce);
        }
    }

    @Property
    void utf8IsWhatTheStrictDecoderTakes(@ForAll byte[] end) throws IOException {
        byte[] bytes = new byte[4 + end.length];
        Arrays.fill(bytes, 0, 4, (byte) ' ');
        System.arraycopy(end, 0, bytes, 4, end.length);
        Utf8Stream stream = new Utf8Stream(new ByteArrayInputStream(bytes));
        byte[] passed = stream.readAllBytes();

        assertThat(stream.fault() == null).isEqualTo(isUtf8(bytes));
        if (stream.fault() == null) {
            assertThat(passed).isEqualTo(bytes);
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static boolean isStrictObject(String text) {
        try (JsonParser parser = STRICT.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings().all(),
                fromParts(PAYLOAD_PARTS, 14),
                fromParts(PAYLOAD_PARTS, 14).map(text -> "{" + text + "}"));
    }

    @Provide
    Arbitrary<byte[]> bodies() {
        Arbitrary<String> events = fromParts(EVENT_PARTS, 12).map(text -> "{" + text + "\"z\":0}");
        Arbitrary<String> batches =
                events.list().ofMaxSize(7).map(list -> "{\"events\":[" + String.join(",", list) + "]}");
        return Arbitraries.oneOf(
                batches.map(text -> text.getBytes(UTF_8)),
                batches.list().ofSize(2).map(two -> String.join("", two).getBytes(UTF_8)),
                fromParts(EVENT_PARTS, 20).map(text -> text.getBytes(UTF_8)),
                fromParts(PAYLOAD_PARTS, 20).map(text -> text.getBytes(UTF_8)),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(60));
    }

    private static Arbitrary<String> fromParts(String[] parts, int max) {
        return Arbitraries.of(parts).list().ofMaxSize(max).map(list -> String.join("", list));
    }

    private static final String[] PAYLOAD_PARTS = {
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "a",
        "b",
        "\"a\"",
        "'b'",
        "1",
        "-2.50e9",
        "NaN",
        "-Infinity",
        "true",
        "null",
        " ",
        "\n",
        "//x\n",
        "/*y*/",
        "\\",
        "\"",
        "'",
        "\"\\ud800\"",
        "\uD83D\uDE00",
        "\u0000",
        "_",
        "0",
        "a:1,",
        "\"a\":{},"
    };

    private static final String[] EVENT_PARTS = {
        "\"seq\":1,",
        "\"seq\":7,",
        "\"seq\":0,",
        "\"kind\":\"message\",",
        "\"kind\":\"message\",",
        "\"kind\":\"register\",",
        "\"kind\":\"x\",",
        "\"kind\":null,",
        "\"time\":\"2026-11-22T09:31:00Z\",",
        "\"time\":\"2026-11-22T09:31:00.5+01:00\",",
        "\"time\":{},",
        "\"name\":\"n\",",
        "\"name\":\"name\",",
        "\"payload\":\"{a:1}\",",
        "\"payload\":{\"a\":[1,{}]},",
        "\"payload\":{\"a\":[[[]]]},",
        "\"payload\":{\"a\":[[[[[[[[[]]]]]]]]]},",
        "\"payload\":{\"a\":\"0123456789012345678901234567890123\"},",
        "\"payload\":{\"a\":[[[]]],\"b\":\"012345678901234567890123456\"},",
        "\"payload\":{\"a\":\"01234567890123456789012345678901234567890\",\"b\":[[[]]]},",
        "\"payload\":{\"a\":\"0123456789012345678901234567\",\"a\":1,\"c\":[[],[]]},",
        "\"payload\":\"\\u00e9\\ud800\",",
        "\"pid\":1,",
        "\"comm\":[],",
        "\"\\ud800\":{},",
        "}",
        "\"host\":{\"id\":\"h\"},",
    };
}
