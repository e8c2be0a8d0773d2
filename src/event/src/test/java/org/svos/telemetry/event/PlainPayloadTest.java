package org.svos.telemetry.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which payloads need no parser; that they come to the same is {@link CodecPropertyTest}'s to show. */
class PlainPayloadTest {

    private static final int DEPTH = 3;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            { hello_world: true }                     | {"hello_world":true}
            {}                                        | {}
            {"a" : [ 1 , -2.5e+3, [] ] , 'b':{$c:""}} | {"a":[1,-2.5e+3,[]],"b":{"$c":""}}
            { device: 'nvme0n1', depth: 31, ok:null } | {"device":"nvme0n1","depth":31,"ok":null}
            {"ä":"漢"}                                 | {"ä":"漢"}
            """)
    void whatKernelCodeMostlyEmitsNeedsNoParser(String text, String normalised) {
        assertThat(PlainPayload.normalise(text, DEPTH, FieldNames.NONE))
                .isEqualTo(normalised)
                .isEqualTo(Payload.parsed(text, DEPTH));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{a:1",
                "{a:1,}",
                "{a:1}}",
                "{a:1 b:2}",
                "{a:1,a:2}",
                "{a:{b:1,'b':2}}",
                "{a:01}",
                "{a:-}",
                "{a:1.}",
                "{a:1e}",
                "{a:NaN}",
                "{a:truely}",
                "{a:'it is \"so\"'}",
                "{a:\"\\n\"}",
                "{a:\"🚀\"}",
                "{a:[[[]]]}",
                "{a:\u0000}",
                "/* why */ {}",
                "[1]"
            })
    void whateverElseIsLeftToTheParser(String text) {
        assertThat(PlainPayload.normalise(text, DEPTH, FieldNames.NONE)).isNull();
    }

    @Test
    void aKeyMayComeAgainInAnotherObject() {
        assertThat(PlainPayload.normalise("{a:{a:1},b:{a:1},c:[{a:1},{a:1}]}", DEPTH, FieldNames.NONE))
                .isEqualTo("{\"a\":{\"a\":1},\"b\":{\"a\":1},\"c\":[{\"a\":1},{\"a\":1}]}");
    }

    @Test
    void anObjectOfManyKeysIsLeftToTheParser() {
        var text = new StringBuilder("{");
        for (int i = 0; i < 1_000; i++) {
            text.append(i == 0 ? "" : ",").append('k').append(i).append(":1");
        }
        assertThat(PlainPayload.normalise(text.append('}').toString(), DEPTH, FieldNames.NONE))
                .isNull();
    }
}
