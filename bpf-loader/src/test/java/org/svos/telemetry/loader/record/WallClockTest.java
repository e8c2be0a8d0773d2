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

    @Test
    void anEventFromJustBeforeAStepKeepsTheTimeOfThenThoughTheStepWasSeenNearer() {
        for (long tenth = 0; tenth <= 5; tenth++) {
            clock.pair(100 * SECOND + tenth * SECOND / 10, WALL + tenth * SECOND / 10);
        }
        clock.pair(101 * SECOND, WALL + SECOND - 3600 * SECOND);

        assertThat(clock.at(100 * SECOND + 450_000_000)).isEqualTo(WALL + 450_000_000);
        assertThat(clock.at(100 * SECOND + 600_000_000)).isEqualTo(WALL + 600_000_000);
    }

    @Test
    void throughSuspendBothClocksGoOnAndTheTimeBeforeAndAfterIsRight() {
        long night = 8 * 3600 * SECOND;
        clock.pair(100 * SECOND, WALL);
        clock.pair(100 * SECOND + night, WALL + night);

        assertThat(clock.at(99 * SECOND)).isEqualTo(WALL - SECOND);
        assertThat(clock.at(100 * SECOND + night - 1)).isEqualTo(WALL + night - 1);
        assertThat(clock.at(101 * SECOND + night)).isEqualTo(WALL + SECOND + night);
    }

    @Test
    void anEventOfHoursAgoIsRightAfterHoursWithoutAStep() {
        for (long second = 0; second < 10_000; second++) {
            clock.pair(second * SECOND, WALL + second * SECOND);
        }
        clock.pair(10_000 * SECOND, WALL - SECOND);

        assertThat(clock.at(5 * SECOND)).isEqualTo(WALL + 5 * SECOND);
    }

    @Test
    void aReadingThatWasInterruptedIsNoStep() {
        clock.reading(100 * SECOND, WALL, 100 * SECOND + 100);
        clock.reading(101 * SECOND, WALL + SECOND + 40_000_000, 101 * SECOND + 40_000_100);

        assertThat(clock.at(101 * SECOND)).isBetween(WALL + SECOND - 100, WALL + SECOND + 100);
    }

    @Test
    void theFirstReadingCountsHoweverLongItTook() {
        clock.reading(100 * SECOND, WALL, 102 * SECOND);

        assertThat(clock.at(101 * SECOND)).isEqualTo(WALL);
    }
}
