package org.svos.telemetry.loader.upload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BandwidthTest {

    private static final long SECOND = 1_000_000_000L;

    private long now = 17;

    private final Bandwidth limited = new Bandwidth(1000, () -> now);

    @Test
    void eachWaitsForTheSharesOfThoseBeforeIt() {
        assertThat(limited.nanosUntil(500)).isZero();
        assertThat(limited.nanosUntil(2000)).isEqualTo(SECOND / 2);
        assertThat(limited.nanosUntil(1)).isEqualTo(5 * SECOND / 2);
        now += SECOND;
        assertThat(limited.nanosUntil(1)).isEqualTo(3 * SECOND / 2 + SECOND / 1000);
    }

    @Test
    void whatWasNotUsedIsNotSavedUp() {
        limited.nanosUntil(500);
        now += 100 * SECOND;

        assertThat(limited.nanosUntil(5000)).isZero();
        assertThat(limited.nanosUntil(1)).isEqualTo(5 * SECOND);
    }

    @Test
    void withoutALimitNobodyWaitsAndALimitCanBeSetAndTakenAway() {
        Bandwidth none = new Bandwidth(0, () -> now);
        none.nanosUntil(Long.MAX_VALUE);
        assertThat(none.nanosUntil(1)).isZero();
        none.limit(10);
        none.nanosUntil(10);
        assertThat(none.nanosUntil(1)).isEqualTo(SECOND);
        none.limit(0);
        assertThat(none.nanosUntil(1)).isZero();
    }

    /** Whenever somebody asks: what began until then is within the rate, but for the one that is on its way. */
    @Property
    void noMoreIsSentThanTheRateHasRoomFor(
            @ForAll @Size(max = 40) List<@IntRange(max = 10_000) Integer> sizes,
            @ForAll @IntRange(max = 2_000_000_000) int pause) {
        long last = now;
        long sent = 0;
        long began = now;
        for (int size : sizes) {
            long begins = now + limited.nanosUntil(size);
            assertThat(begins).isGreaterThanOrEqualTo(last);
            // Each share is rounded down to whole nanoseconds.
            assertThat((double) sent * SECOND / 1000).isLessThanOrEqualTo(begins - began + 1.0 * sizes.size());
            last = begins;
            sent += size;
            now += pause / (1 + size % 7);
        }
    }
}
