package org.svos.telemetry.loader.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class JsonTest {

    private static final JsonFactory JSON = JsonFactory.builder().build();

    @Property(tries = 20_000)
    void anyBytesBecomeAStringThatReadsAsJavaDecodesThem(@ForAll @Size(max = 40) byte[] bytes) {
        assertThat(parsed(written(bytes))).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    }

    @Property
    void anyTextReadsBackAsItWas(@ForAll String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

        assertThat(parsed(written(bytes))).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    }

    @Example
    void everyPairOfBytesIsDecodedAsJavaDecodesIt() {
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                byte[] bytes = {(byte) first, (byte) second, (byte) 0x80, 'x'};
                assertThat(parsed(written(bytes)))
                        .as("%02x %02x", first, second)
                        .isEqualTo(new String(bytes, StandardCharsets.UTF_8));
            }
        }
    }

    @Example
    void nothingAfterALineFeedIsALineOfItsOwn() {
        assertThat(written("a\nb".getBytes(StandardCharsets.UTF_8))).isEqualTo("\"a\\nb\"");
    }

    @Property
    void numbersAreWrittenInDecimals(@ForAll @LongRange(min = 0) long number) {
        Json json = new Json(0);
        json.reserve(20);
        json.number(number);

        assertThat(text(json)).isEqualTo(Long.toString(number));
    }

    @Example
    void theBordersOfNumbersAreRight() {
        long power = 1;
        for (int digits = 1; digits <= 18; digits++) {
            power *= 10;
            numbersAreWrittenInDecimals(power - 1);
            numbersAreWrittenInDecimals(power);
        }
        numbersAreWrittenInDecimals(Long.MAX_VALUE);
    }

    private static String written(byte[] bytes) {
        Json json = new Json(0);
        json.reserve(bytes.length * Json.EXPANSION + 2);
        int room = json.capacity();
        json.text(bytes, 0, bytes.length);
        assertThat(json.capacity())
                .as("nothing is allocated beyond what was reserved")
                .isEqualTo(room);
        return text(json);
    }

    private static String text(Json json) {
        return new String(json.bytes(), 0, json.length(), StandardCharsets.UTF_8);
    }

    private static String parsed(String json) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            parser.nextToken();
            return parser.getString();
        }
    }
}
