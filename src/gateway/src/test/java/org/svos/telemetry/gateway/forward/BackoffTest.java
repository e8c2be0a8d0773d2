package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Waits between attempts, with the random part set by the test. */
class BackoffTest {

    private static final Duration INITIAL = Duration.ofMillis(250);
    private static final Duration MAX = Duration.ofSeconds(30);
    private static final Duration MAX_AFTER = Duration.ofHours(1);
    private static final boolean LEAST = false;
    private static final boolean MOST = true;

    private static Backoff backoff(boolean most) {
        return new Backoff(INITIAL, MAX, MAX_AFTER, bound -> most ? bound - 1 : 0);
    }

    @Test
    void theJitterIsFullFromNothingToADoublingBound() {
        List<Duration> most = new ArrayList<>();
        for (int failures = 0; failures < 9; failures++) {
            assertThat(backoff(LEAST).wait(failures, null)).isZero();
            most.add(backoff(MOST).wait(failures, null));
        }
        assertThat(most)
                .extracting(Duration::toMillis)
                .containsExactly(250L, 500L, 1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 30_000L, 30_000L);
        assertThat(backoff(MOST).wait(Integer.MAX_VALUE, null)).isEqualTo(MAX);
    }

    @Test
    void whatLanternRockAsksForIsTheLeastAndTheJitterComesOnTopOfIt() {
        Duration asked = Duration.ofMinutes(5);
        assertThat(backoff(LEAST).wait(0, asked)).isEqualTo(asked);
        assertThat(backoff(MOST).wait(0, asked)).isEqualTo(asked.plus(INITIAL));
        assertThat(backoff(MOST).wait(20, asked)).isEqualTo(asked.plus(MAX));
    }

    @Test
    void lanesThatAreAskedForMoreThanIsBelievedDoNotComeBackAtOnceEither() {
        Duration asked = Duration.ofDays(30);
        assertThat(backoff(LEAST).wait(3, asked)).isEqualTo(MAX_AFTER);
        assertThat(backoff(MOST).wait(3, asked)).isEqualTo(MAX_AFTER.plusSeconds(2));
    }
}
