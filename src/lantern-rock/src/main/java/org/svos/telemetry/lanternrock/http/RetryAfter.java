package org.svos.telemetry.lanternrock.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** The two forms of {@code Retry-After} (RFC 9110, 10.2.3): seconds, or a date. */
final class RetryAfter {

    private static final int DIGITS_OF_A_LONG = 18;

    private RetryAfter() {}

    /** How long to wait from now on, zero for a date that has passed; null if the value has neither form. */
    static @Nullable Duration parse(String value, InstantSource clock) {
        String text = value.strip();
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            // More digits than that are for ever; the lane bounds what it follows.
            return Duration.ofSeconds(
                    text.length() > DIGITS_OF_A_LONG
                            ? Integer.MAX_VALUE
                            : Math.min(Long.parseLong(text), Integer.MAX_VALUE));
        }
        try {
            Instant date = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
            Duration wait = Duration.between(clock.instant(), date);
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
