package org.svos.telemetry.loader.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WallClockTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long WALL = 1_800_000_000L * SECOND;

    private final WallClock clock = new WallClock();

    @Test
    void anEventTakesTheOffsetOfThePairThatIsNearest() {
        clock.pair(100 * SECOND, WALL);
        clock.pair(110 * SECOND, WALL + 3600 * SECOND);

        assertThat(clock.at(104 * SECOND)).isEqualTo(WALL + 4 * SECOND);
        assertThat(clock.at(106 * SECOND)).isEqualTo(WALL + 3600 * SECOND - 4 * SECOND);
    }

    @Test
    void aStepOfTheWallClockIsSeenAtOnceThoughPairsAreNear() {
        clock.pair(100 * SECOND, WALL);
        clock.pair(100 * SECOND + 1000, WALL + 1000);
        clock.pair(100 * SECOND + 2000, WALL - 60 * SECOND);

        assertThat(clock.at(100 * SECOND + 2000)).isEqualTo(WALL - 60 * SECOND);
        assertThat(clock.at(100 * SECOND + 500)).isEqualTo(WALL + 500);
    }

    @Test
    void manyPairsLaterTheNewestStillHold() {
        for (long i = 0; i < 1000; i++) {
            clock.pair(i * 2 * SECOND, WALL + i * 3 * SECOND);
        }

        assertThat(clock.at(1998 * SECOND)).isEqualTo(WALL + 2997 * SECOND);
        assertThat(clock.at(1996 * SECOND)).isEqualTo(WALL + 2994 * SECOND);
        assertThat(clock.at(0)).isGreaterThan(WALL);
    }
}
