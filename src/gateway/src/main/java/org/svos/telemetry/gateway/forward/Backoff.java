package org.svos.telemetry.gateway.forward;

import java.time.Duration;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait before the next attempt, with full jitter.
 *
 * <p>For the n-th failure in a row, counted from 0, {@code wait = after + random(0 … min(max, initial · 2ⁿ))}, where {@code
 * after} is what Lantern Rock asked for, bounded, or zero. The jitter comes after every bound: lanes that are all at the bound
 * would otherwise all come back at once.
 */
final class Backoff {

    private static final int MAX_DOUBLINGS = 30;

    private final Duration initial;
    private final Duration max;
    private final Duration maxAfter;
    private final LongUnaryOperator random;

    /**
     * A backoff.
     *
     * @param maxAfter the longest that {@code Retry-After} is believed
     * @param random gives a number from 0 to below its argument
     */
    Backoff(Duration initial, Duration max, Duration maxAfter, LongUnaryOperator random) {
        this.initial = initial;
        this.max = max;
        this.maxAfter = maxAfter;
        this.random = random;
    }

    Duration wait(int failuresBefore, @Nullable Duration after) {
        long ceiling = Math.min(max.toMillis(), initial.toMillis() << Math.clamp(failuresBefore, 0, MAX_DOUBLINGS));
        Duration asked = after == null ? Duration.ZERO : after;
        Duration bounded = asked.compareTo(maxAfter) > 0 ? maxAfter : asked;
        return bounded.plusMillis(random.applyAsLong(ceiling + 1));
    }
}
