package org.svos.telemetry.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Locale;

/** Whatever text a kernel emits, its payload is strict JSON, bounded, and says the same. */
class PayloadFuzzTest {

    private static final FieldNames DROPPED = new FieldNames(List.of("a", "hello_world"));

    /** Each character takes six at most, as an escape; a text that is kept has a reason beside it. */
    private static final int MOST_FOR_A_CHARACTER = 6;

    private static final int MOST_FOR_A_REASON = 4096;

    @FuzzTest
    void everyTextBecomesAStrictObject(byte[] input) {
        String text = text(input);
        String normalised = Payload.normalise(text);
        assertThat(normalised).isEqualTo(Payload.parsed(text, PayloadLimits.CONTRACT.maxDepth()));

        StrictJson strict = StrictJson.read(normalised);
        assertThat(strict.isObject()).as(normalised).isTrue();
        assertThat(strict.depth()).isLessThanOrEqualTo(PayloadLimits.CONTRACT.maxDepth());
        assertThat(new String(normalised.getBytes(UTF_8), UTF_8)).isEqualTo(normalised);
        assertThat(normalised.length()).isLessThanOrEqualTo(MOST_FOR_A_CHARACTER * text.length() + MOST_FOR_A_REASON);
        assertThat(Payload.normalise(normalised)).isEqualTo(normalised);

        isWithoutWhatIsDropped(text);

        StrictJson original = StrictJson.read(text);
        boolean mayHaveTwins =
                original.tokens().toString().contains("\uFFFD"); // keys told apart by lone surrogates alone
        if (original.isObject() && original.depth() <= PayloadLimits.CONTRACT.maxDepth() && !mayHaveTwins) {
            assertThat(strict.tokens()).isEqualTo(original.tokens());
        }
    }

    private static void isWithoutWhatIsDropped(String text) {
        String without = Payload.without(DROPPED, text);
        assertThat(without).isEqualTo(Payload.parsedWithout(DROPPED, text, PayloadLimits.CONTRACT.maxDepth()));
        if (without != null) {
            StrictJson strict = StrictJson.read(without);
            assertThat(strict.isObject()).as(without).isTrue();
            assertThat(strict.tokens())
                    .noneMatch(token -> token.toLowerCase(Locale.ROOT).matches("property_name (a|hello_world)"));
        }
    }

    /** The input as a text; a byte that is not UTF-8 stands for a lone surrogate, high or low by its place. */
    private static String text(byte[] input) {
        char[] text = new String(input, UTF_8).toCharArray();
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\uFFFD') {
                text[i] = i % 2 == 0 ? '\uD83D' : '\uDE00';
            }
        }
        return new String(text);
    }
}
