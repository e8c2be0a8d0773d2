package org.svos.telemetry.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Payloads without the fields that a host's owner has named, by the way without a parser and by the one with. */
class DroppedFieldsTest {

    private static final FieldNames NAMES = new FieldNames(List.of("password", "Über"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            { password: 'x', a: 1 }                    | {"a":1}
            { a: 1, password: 'x' }                    | {"a":1}
            { a: 1, password: 'x', b: 2 }              | {"a":1,"b":2}
            { password: 'x' }                          | {}
            { password: 'x', 'PassWord': 2 }           | {}
            { password: {password: {a: 1}}, b: [] }    | {"b":[]}
            { a: [ {password: 1, b: 2}, {password:3} ]} | {"a":[{"b":2},{}]}
            { a: {password: [1, 2]}, c: 1 }            | {"a":{},"c":1}
            { a: 'password', passwords: 1, b: 2 }      | {"a":"password","passwords":1,"b":2}
            { über: 1, a: 1 }                          | {"a":1}
            { 'über': 1, a: 1 }                        | {"a":1}
            {"pass\\u0077ord":"x","a":"\\n"}            | {"a":"\\n"}
            { a: 1, /* password: 'x' */ }              | {"a":1}
            { password: 'x\\', y', a: 1 } // password  | {"a":1}
            { password: 'x\\'y', a: NaN }              | {"a":"NaN"}
            { password: 1, a: 2, password: 3, a: 4 }   | {"a":4}
            """)
    void areGoneWhereverTheyWere(String text, String left) {
        assertThat(Payload.without(NAMES, text))
                .isEqualTo(left)
                .isEqualTo(Payload.parsedWithout(NAMES, text, PayloadLimits.CONTRACT.maxDepth()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "password=x",
                "{password:",
                "{a:1} password",
                "[{password:1}]",
                "'password'",
                "{a:'cut off he"
            })
    void whatNobodyCanReadIsNoPayload(String text) {
        assertThat(Payload.without(NAMES, text)).isNull();
    }
}
