package org.svos.telemetry.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            { hello_world: true }              | {"hello_world":true}
            {}                                 | {}
            {"a":[],"b":{}}                    | {"a":[],"b":{}}
            {"a" : [ 1 , 2 ] }                 | {"a":[1,2]}
            {'a':'it is "so"'}                 | {"a":"it is \\"so\\""}
            {a:1,}                             | {"a":1}
            {a:[1,2,],}                        | {"a":[1,2]}
            /* who */ {a:1} // why             | {"a":1}
            {a:NaN,b:Infinity,c:-Infinity}     | {"a":"NaN","b":"Infinity","c":"-Infinity"}
            {"a":1,"b":2,"a":3}                | {"a":3,"b":2}
            {"a":-0,"b":1.10,"c":1E+400}       | {"a":-0,"b":1.10,"c":1E+400}
            {"a":null,"b":false,"c":"\\u00e9"} | {"a":null,"b":false,"c":"é"}
            {"a":"\\u0000\\u001f\\ud800/\\/"}  | {"a":"\\u0000\\u001f\uFFFD//"}
            {"_raw":"x"}                       | {"_raw":"x"}
            """)
    void whatCanBeReadBecomesAStrictObject(String text, String normalised) {
        assertThat(Payload.normalise(text)).isEqualTo(normalised);
    }

    @Test
    void aNumberOfAnySizeKeepsItsDigits() {
        String digits = "1" + "0".repeat(5_000) + "." + "9".repeat(5_000) + "e-" + "7".repeat(50);

        assertThat(Payload.normalise("{a:" + digits + "}")).isEqualTo("{\"a\":" + digits + "}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "hello",
                "17",
                "[1]",
                "\"text\"",
                "null",
                "{",
                "{a:1",
                "{a:1}}",
                "{a:1} b",
                "{a}",
                "{a:}",
                "{,}",
                "{a:01}",
                "{a:0x1f}",
                "{a:.5}",
                "{a:+1}",
                "{a:\"line\nbreak\"}",
                "{a:True}",
                "\uFEFF{}",
                "{a:1 b:2}",
                "{a: \uD800}",
                "\u0000"
            })
    void anyOtherTextIsKeptAndMarked(String text) {
        assertThat(Payload.normalise(text)).startsWith("{\"_raw\":\"").contains("\",\"_error\":\"");
    }

    @Test
    void theTextAndTheReasonCanBeReadBack() {
        assertThat(Payload.normalise("up \"5\" of\t7\n"))
                .isEqualTo("{\"_raw\":\"up \\\"5\\\" of\\t7\\n\",\"_error\":\"Unrecognized token 'up': was expecting"
                        + " (JSON String, Number (or 'NaN'/'+INF'/'-INF'), Array, Object or token 'null', 'true' or 'false')"
                        + " (line 1, column 1)\"}");
    }

    @Test
    void aTextNestedOver64DeepIsKeptAndMarked() {
        assertThat(Payload.normalise("{a:" + "[".repeat(63) + "]".repeat(63) + "}"))
                .startsWith("{\"a\":[[");
        assertThat(Payload.normalise("{a:" + "[".repeat(64) + "]".repeat(64) + "}"))
                .startsWith("{\"_raw\":")
                .endsWith("\"_error\":\"nested over 64 deep\"}");
        assertThat(Payload.normalise("{a:".repeat(20_000))).endsWith("\"_error\":\"nested over 64 deep\"}");
    }
}
