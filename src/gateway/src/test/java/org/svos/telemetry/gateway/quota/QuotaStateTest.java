package org.svos.telemetry.gateway.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.quota.QuotaState.Decision;

class QuotaStateTest {

    private static final long NOON = Instant.parse("2026-11-22T12:00:00Z").toEpochMilli();
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long DAY = Duration.ofDays(1).toMillis();
    private static final Quota QUOTA = new Quota(1_000, 10, 100, Quota.Mode.ENFORCE);

    private static QuotaState fits(QuotaState state, long now, long events, long bytes) {
        return ((Decision.Fits) state.decide(QUOTA, now, events, bytes)).next();
    }

    private static Decision.Over over(QuotaState state, long now, long events, long bytes) {
        return (Decision.Over) state.decide(QUOTA, now, events, bytes);
    }

    @Test
    void anUnusedQuotaIsWhole() {
        Standing standing = QuotaState.UNUSED.standing(QUOTA, NOON);

        assertThat(standing).isEqualTo(new Standing(QUOTA, 1_000, 12 * 3_600, 100, 0));
    }

    @Test
    void theWholeQuotaCanBeUsedAndNoMore() {
        QuotaState used = fits(QuotaState.UNUSED, NOON, 100, 1_000);

        assertThat(used.standing(QUOTA, NOON)).isEqualTo(new Standing(QUOTA, 0, 12 * 3_600, 0, 10));
        assertThat(over(used, NOON, 1, 1).rateWaitMillis()).isEqualTo(100);
        assertThat(over(used, NOON, 1, 1).dayWaitMillis()).isEqualTo(12 * HOUR);
    }

    @Test
    void theSecondsToldAreRoundedUp() {
        QuotaState used = fits(QuotaState.UNUSED, NOON, 11, 1);

        assertThat(used.standing(QUOTA, NOON + 1).rateResetSeconds()).isEqualTo(2);
        assertThat(used.standing(QUOTA, NOON + 1).rateLeft()).isEqualTo(89);
        assertThat(used.standing(QUOTA, NOON + 1).dayResetSeconds()).isEqualTo(12 * 3_600);
        assertThat(used.standing(QUOTA, NOON + 100).rateLeft()).isEqualTo(90);
    }

    @Test
    void aNewDayBeginsAtMidnightUtcToTheMillisecond() {
        QuotaState used = fits(QuotaState.UNUSED, NOON, 1, 1_000);

        assertThat(over(used, NOON + 12 * HOUR - 1, 1, 1).dayWaitMillis()).isEqualTo(1);
        assertThat(fits(used, NOON + 12 * HOUR, 1, 1_000).dayUsed()).isEqualTo(1_000);
    }

    @Test
    void aClockThatStepsBackOverMidnightKeepsTheLaterDay() {
        long justAfter = NOON + 12 * HOUR + 1;
        QuotaState used = fits(QuotaState.UNUSED, justAfter, 1, 1_000);

        Decision.Over before = over(used, justAfter - 10, 1, 1);
        assertThat(before.dayWaitMillis()).isEqualTo(DAY + 9);
        assertThat(over(before.current(), justAfter + HOUR, 1, 1).dayWaitMillis())
                .isEqualTo(23 * HOUR - 1);
    }

    @Test
    void aClockThatStepsBackRefillsNothingAndGoesOnFromThere() {
        QuotaState used = fits(QuotaState.UNUSED, NOON, 100, 1);

        Decision.Over back = over(used, NOON - HOUR, 10, 1);
        assertThat(back.rateWaitMillis()).isEqualTo(1_000);
        assertThat(over(back.current(), NOON - HOUR + 999, 10, 1).rateWaitMillis())
                .isEqualTo(1);
        assertThat(fits(back.current(), NOON - HOUR + 1_000, 10, 1).debt()).isEqualTo(100_000);
    }

    @Test
    void aClockThatWasYearsAheadDoesNotShutADatabaseOutForYears() {
        QuotaState ahead = fits(QuotaState.UNUSED, NOON + 3_000 * DAY, 100, 1_000);

        Decision.Over now = over(ahead, NOON, 1, 1);
        assertThat(now.dayWaitMillis()).isEqualTo(12 * HOUR);
        assertThat(now.rateWaitMillis()).isEqualTo(100);
    }

    @Test
    void aRaisedBurstIsThereAtOnceAndALoweredOneHoldsNoGrudge() {
        QuotaState used = fits(QuotaState.UNUSED, NOON, 100, 1);

        assertThat(used.standing(new Quota(1_000, 10, 150, Quota.Mode.ENFORCE), NOON)
                        .rateLeft())
                .isEqualTo(50);
        assertThat(used.standing(new Quota(1_000, 10, 5, Quota.Mode.ENFORCE), NOON))
                .isEqualTo(new Standing(new Quota(1_000, 10, 5, Quota.Mode.ENFORCE), 999, 12 * 3_600, 0, 1));
    }

    @Test
    void theGreatestQuotaOverflowsNothing() {
        Quota most = new Quota(Quota.MAX, Quota.MAX, Quota.MAX, Quota.Mode.ENFORCE);

        Decision decision =
                new QuotaState(NOON / DAY, Quota.MAX, Quota.MAX * 1_000, 0).decide(most, NOON, Quota.MAX, 1);

        assertThat(((Decision.Over) decision).rateWaitMillis()).isZero();
        assertThat(((Decision.Over) decision).dayWaitMillis()).isEqualTo(12 * HOUR);
    }
}
