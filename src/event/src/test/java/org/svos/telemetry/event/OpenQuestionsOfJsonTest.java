package org.svos.telemetry.event;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the public suites of JSON parsing tests call implementation-defined (their cases i_*), and what relaxed readers differ
 * on: each is decided, for the body itself and for the text of a payload. docs/api.md lists the decisions.
 */
class OpenQuestionsOfJsonTest {

    private static final String MALFORMED = "malformed";
    private static final String RAW = "_raw";

    private final BatchReader reader = new BatchReader(BatchLimits.CONTRACT);

    /**
     * A value, its bytes spelled {@code <ff>}; what comes of it within a body, as a member that nobody knows and within a payload
     * object; and what comes of it within a payload that is a text.
     */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a huge exponent             | 0.4e00669999999999999999999999999999999999 | 0.4e00669999999999999999999999999999999999 | 0.4e00669999999999999999999999999999999999
            a huge negative exponent    | 123.456e-789                  | 123.456e-789                  | 123.456e-789
            an overflow                 | -1e+9999                      | -1e+9999                      | -1e+9999
            an underflow                | 123e-10000000                 | 123e-10000000                 | 123e-10000000
            a big integer               | 100000000000000000000         | 100000000000000000000         | 100000000000000000000
            a big negative integer      | -237462374673276894279832749832423479823246327846 | -237462374673276894279832749832423479823246327846 | -237462374673276894279832749832423479823246327846
            minus zero                  | -0                            | -0                            | -0
            minus zero with a fraction  | -0.0                          | -0.0                          | -0.0
            an exponent in capitals     | 1E+2                          | 1E+2                          | 1E+2
            more digits than a double   | 0.1000000000000000055511151231257827 | 0.1000000000000000055511151231257827 | 0.1000000000000000055511151231257827
            a leading zero              | 012                           | malformed                     | _raw
            a leading plus              | +1                            | malformed                     | _raw
            a leading point             | .5                            | malformed                     | _raw
            a trailing point            | 1.                            | malformed                     | _raw
            a lone minus                | -                             | malformed                     | _raw
            hexadecimal                 | 0x1f                          | malformed                     | _raw
            not a number                | NaN                           | malformed                     | "NaN"
            infinity                    | -Infinity                     | malformed                     | "-Infinity"
            a first surrogate alone     | "\\uDADA"                     | "<ef><bf><bd>"                | "<ef><bf><bd>"
            a second surrogate alone    | "\\uDFAA"                     | "<ef><bf><bd>"                | "<ef><bf><bd>"
            a surrogate and a letter    | "\\ud800abc"                  | "<ef><bf><bd>abc"             | "<ef><bf><bd>abc"
            a surrogate and no second   | "\\uD888\\u1234"              | "<ef><bf><bd><e1><88><b4>"    | "<ef><bf><bd><e1><88><b4>"
            a surrogate and an escape   | "\\uD800\\n"                  | "<ef><bf><bd>\\n"             | "<ef><bf><bd>\\n"
            two first surrogates        | "\\uD800\\uD800\\n"           | "<ef><bf><bd><ef><bf><bd>\\n" | "<ef><bf><bd><ef><bf><bd>\\n"
            surrogates the wrong way    | "\\uDd1e\\uD834"              | "<ef><bf><bd><ef><bf><bd>"    | "<ef><bf><bd><ef><bf><bd>"
            a pair                      | "\\uD834\\uDd1e"              | "<f0><9d><84><9e>"            | "<f0><9d><84><9e>"
            a cut escape                | "\\u00A"                      | malformed                     | _raw
            an unknown escape           | "\\x41"                       | malformed                     | _raw
            a NUL, escaped              | "\\u0000"                     | "\\u0000"                     | "\\u0000"
            a NUL                       | "<00>"                        | malformed                     | _raw
            a line break within quotes  | "<0a>"                        | malformed                     | _raw
            a tab within quotes         | "<09>"                        | malformed                     | _raw
            a DEL                       | "<7f>"                        | "<7f>"                        | "<7f>"
            a noncharacter              | "\\uFFFF"                     | "<ef><bf><bf>"                | "<ef><bf><bf>"
            a line separator            | "\\u2028"                     | "<e2><80><a8>"                | "<e2><80><a8>"
            a byte FF                   | "<ff>"                        | malformed                     | malformed
            ISO 8859-1                  | "<e9>"                        | malformed                     | malformed
            a continuation byte alone   | "<81>"                        | malformed                     | malformed
            past the end of Unicode     | "<f4><bf><bf><bf>"            | malformed                     | malformed
            overlong, two bytes         | "<c0><af>"                    | malformed                     | malformed
            overlong, three bytes       | "<e0><80><af>"                | malformed                     | malformed
            overlong, six bytes         | "<fc><83><bf><bf><bf><bf>"    | malformed                     | malformed
            an overlong NUL             | "<c0><80>"                    | malformed                     | malformed
            a surrogate in UTF-8        | "<ed><a0><80>"                | malformed                     | malformed
            cut UTF-8                   | "<e0><ff>"                    | malformed                     | malformed
            valid, then invalid UTF-8   | "<e6><97><a5><d1><88><fa>"    | malformed                     | malformed
            a byte order mark within    | "<ef><bb><bf>"                | "<ef><bb><bf>"                | "<ef><bb><bf>"
            a key given twice           | {"a":1,"b":2,"a":3}           | {"a":3,"b":2}                 | {"a":3,"b":2}
            an empty key                | {"":0}                        | {"":0}                        | {"":0}
            a lone surrogate for a key  | {"\\uDFAA":0}                 | malformed                     | {"<ef><bf><bd>":0}
            a key without quotes        | {a:1}                         | malformed                     | {"a":1}
            single quotes               | 'a'                           | malformed                     | "a"
            a trailing comma            | [1,]                          | malformed                     | [1]
            two trailing commas         | [1,,]                         | malformed                     | _raw
            a comment                   | /**/1                         | malformed                     | 1
            a comment with a hash       | [1 #<0a>]                     | malformed                     | _raw
            a word                      | True                          | malformed                     | _raw
            a missing value             | [1,,2]                        | malformed                     | _raw
            a form feed for white space | [1<0c>]                       | malformed                     | _raw
            a no-break space            | [1<c2><a0>]                   | malformed                     | _raw
            """)
    void eachIsDecided(String name, String value, String inBody, String inText) throws IOException {
        assertThat(fate("{\"v\":" + bytes(value) + "}")).as("in a body").isEqualTo(bytes(expected(inBody)));
        String escaped = ("{\"v\":" + bytes(value) + "}")
                .replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\0", "\\u0000")
                .replace("\n", "\\n")
                .replace("\t", "\\t")
                .replace("\f", "\\f");
        assertThat(fate("\"" + escaped + "\"")).as("in a text").isEqualTo(bytes(expected(inText)));
    }

    private static String expected(String fate) {
        return fate.equals(MALFORMED) || fate.equals(RAW) ? fate : "{\"v\":" + fate + "}";
    }

    /** What comes of a batch with that payload: its payload normalised, that it was kept as a text, or that all is malformed. */
    private String fate(String payload) throws IOException {
        String body =
                "{\"events\":[{\"seq\":1,\"kind\":\"message\",\"name\":\"n\",\"time\":\"2026-11-22T09:31:00Z\",\"payload\":"
                        + payload + "}]}";
        List<Event> events = new ArrayList<>();
        Reading reading =
                reader.read(new ByteArrayInputStream(body.getBytes(ISO_8859_1)), (index, event) -> events.add(event));
        return switch (reading) {
            case Reading.Malformed fault -> {
                assertThat(fault.detail())
                        .isNotBlank()
                        .doesNotContain("Source", "tools.jackson", "Feature", "`", "REDACTED");
                yield MALFORMED;
            }
            case Reading.TooManyEvents _ -> throw new AssertionError("there is one");
            case Reading.Read _ -> {
                String normalised = String.valueOf(events.getFirst().payload());
                yield normalised.startsWith("{\"_raw\":") ? RAW : new String(normalised.getBytes(UTF_8), ISO_8859_1);
            }
        };
    }

    /** {@code <ff>} as the byte. */
    private static String bytes(String spelled) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < spelled.length(); i++) {
            if (spelled.charAt(i) == '<') {
                out.append((char) Integer.parseInt(spelled.substring(i + 1, i + 3), 16));
                i += 3;
            } else {
                out.append(spelled.charAt(i));
            }
        }
        return out.toString();
    }

    /** A whole body that is unusual as a whole, its bytes spelled {@code <ff>}. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            nothing                       | ``                       | malformed
            white space                   | <20><0a>                 | malformed
            a byte order mark alone       | <ef><bb><bf>             | malformed
            a byte order mark before it   | <ef><bb><bf>GOOD         | read
            half a byte order mark        | <ef><bb>GOOD             | malformed
            UTF-16 with its mark          | <ff><fe>{<00>}<00>       | malformed
            UTF-16, big end first         | <00>{<00>}               | malformed
            UTF-16, little end first      | {<00>}<00>               | malformed
            white space around            | <20><09>GOOD<0d><0a>     | read
            a NUL after it                | GOOD<00>                 | malformed
            another after it              | GOOD{}                   | malformed
            a comma after it              | GOOD,                    | malformed
            a comment after it            | GOOD//                   | malformed
            an array of it                | [GOOD]                   | malformed
            a text of it                  | "GOOD"                   | malformed
            null                          | null                     | malformed
            """)
    void soIsEachWholeBody(String name, String spelled, String fate) throws IOException {
        String good = "{\"events\":[{\"seq\":1,\"kind\":\"session_end\",\"time\":\"2026-11-22T09:31:00Z\"}]}";
        byte[] body = bytes(spelled.replace("GOOD", good)).getBytes(ISO_8859_1);
        String what = switch (reader.read(new ByteArrayInputStream(body), null)) {
            case Reading.Malformed fault -> {
                assertThat(fault.detail()).isNotBlank().doesNotContain("Source", "tools.jackson", "Feature", "`");
                yield MALFORMED;
            }
            case Reading.TooManyEvents _ -> "too many";
            case Reading.Read _ -> "read";
        };
        assertThat(what).isEqualTo(fate);
    }
}
