package org.svos.telemetry.lanternrock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Retry-After as RFC 9110 has it, and as servers have it. */
class RetryAfterTest {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-22T09:31:00Z"));

    @ParameterizedTest
    @CsvSource({"0,0", "17,17", " 17 ,17", "0017,17", "2147483648,2147483647"})
    void secondsAreSeconds(String value, long seconds) {
        assertThat(RetryAfter.parse(value, CLOCK)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void moreDigitsThanANumberHoldsAreALongTime() {
        assertThat(RetryAfter.parse("9".repeat(400), CLOCK)).isGreaterThan(Duration.ofDays(365));
    }

    @Test
    void aDateIsTheTimeUntilThen() {
        assertThat(RetryAfter.parse("Sun, 22 Nov 2026 09:32:00 GMT", CLOCK)).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aDateThatHasPassedIsNow() {
        assertThat(RetryAfter.parse("Sun, 22 Nov 2026 09:30:00 GMT", CLOCK)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "soon", "-5", "1.5", "Sun, 99 Nov 2026 09:32:00 GMT", "２"})
    void anythingElseIsAsIfItWereNotThere(String value) {
        assertThat(RetryAfter.parse(value, CLOCK)).isNull();
    }
}
