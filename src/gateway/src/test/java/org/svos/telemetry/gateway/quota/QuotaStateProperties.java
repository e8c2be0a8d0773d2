package org.svos.telemetry.gateway.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.svos.telemetry.gateway.quota.QuotaState.Decision;

/** Quotas against a model that keeps every charge ever made and works everything out from those. */
class QuotaStateProperties {

    private static final long DAY = 86_400_000;

    record Try(long elapsed, long events, long bytes) {}

    @Provide
    Arbitrary<Quota> quotas() {
        return Combinators.combine(
                        Arbitraries.longs().between(1, 2_000),
                        Arbitraries.longs().between(1, 50),
                        Arbitraries.longs().between(1, 200))
                .as((bytes, rate, burst) -> new Quota(bytes, rate, burst, Quota.Mode.ENFORCE));
    }

    @Provide
    Arbitrary<List<Try>> tries() {
        Arbitrary<Long> elapsed = Arbitraries.frequencyOf(
                Tuple.of(5, Arbitraries.longs().between(0, 50)),
                Tuple.of(3, Arbitraries.longs().between(0, 5_000)),
                Tuple.of(1, Arbitraries.longs().between(0, DAY)));
        return Combinators.combine(
                        elapsed,
                        Arbitraries.longs().between(1, 60),
                        Arbitraries.longs().between(1, 600))
                .as(Try::new)
                .list()
                .ofMaxSize(60);
    }

    @Property(tries = 400)
    void whatIsAdmittedIsWhatTheModelAdmitsAndTheWaitsAreExact(
            @ForAll("quotas") Quota quota, @ForAll("tries") List<Try> tries) {
        Model model = new Model(quota);
        QuotaState state = QuotaState.UNUSED;
        long now = 20_000 * DAY;
        for (Try attempt : tries) {
            now += attempt.elapsed;
            Decision decision = state.decide(quota, now, attempt.events, attempt.bytes);
            switch (decision) {
                case Decision.Fits(QuotaState next) -> {
                    assertThat(model.fits(now, attempt)).isTrue();
                    model.charge(now, attempt);
                    state = next;
                }
                case Decision.Over over -> {
                    assertThat(model.fits(now, attempt)).isFalse();
                    long wait = Math.max(over.dayWaitMillis(), over.rateWaitMillis());
                    assertThat(model.fits(now + wait, attempt)).isTrue();
                    assertThat(model.fits(now + wait - 1, attempt)).isFalse();
                }
                case Decision.NeverFits never ->
                    assertThat(model.fits(now + 100 * DAY, attempt)).isFalse();
            }
            assertThat(state.standing(quota, now).dayLeft()).isEqualTo(model.dayLeft(now));
            assertThat(state.standing(quota, now).rateLeft()).isEqualTo(model.rateLeft(now));
        }
    }

    /** Thousandths of events, worked out anew from all charges. */
    private static final class Model {
        private final Quota quota;
        private final Map<Long, Long> bytesByDay = new TreeMap<>();
        private final List<long[]> charges = new ArrayList<>();

        Model(Quota quota) {
            this.quota = quota;
        }

        private BigInteger tokens(long now) {
            BigInteger full = BigInteger.valueOf(quota.burst() * 1_000);
            BigInteger tokens = full;
            long at = 0;
            for (long[] charge : charges) {
                tokens = refilled(tokens, charge[0] - at, full).subtract(BigInteger.valueOf(charge[1] * 1_000));
                at = charge[0];
            }
            return refilled(tokens, now - at, full);
        }

        private BigInteger refilled(BigInteger tokens, long millis, BigInteger full) {
            return tokens.add(BigInteger.valueOf(millis).multiply(BigInteger.valueOf(quota.eventsPerSecond())))
                    .min(full);
        }

        long dayLeft(long now) {
            return quota.bytesPerDay() - bytesByDay.getOrDefault(now / DAY, 0L);
        }

        long rateLeft(long now) {
            return tokens(now).longValueExact() / 1_000;
        }

        boolean fits(long now, Try attempt) {
            return attempt.bytes <= dayLeft(now)
                    && tokens(now).compareTo(BigInteger.valueOf(attempt.events * 1_000)) >= 0;
        }

        void charge(long now, Try attempt) {
            bytesByDay.merge(now / DAY, attempt.bytes, Long::sum);
            charges.add(new long[] {now, attempt.events});
        }
    }

    @Property(tries = 400)
    void aStepOfTheClockBackNeverGivesAnythingBack(
            @ForAll("quotas") Quota quota, @ForAll("tries") List<Try> tries, @ForAll("steps") List<Long> steps) {
        QuotaState state = QuotaState.UNUSED;
        long now = 20_000 * DAY;
        for (int i = 0; i < tries.size(); i++) {
            now += tries.get(i).elapsed;
            if (state.decide(quota, now, tries.get(i).events, tries.get(i).bytes) instanceof Decision.Fits fits) {
                state = fits.next();
            }
            Standing before = state.standing(quota, now);
            long back = i < steps.size() ? steps.get(i) : 0;
            state = state.at(quota, now);
            now -= back;
            Standing after = state.standing(quota, now);
            assertThat(after.dayLeft()).isLessThanOrEqualTo(before.dayLeft());
            assertThat(after.rateLeft()).isLessThanOrEqualTo(before.rateLeft());
        }
    }

    @Provide
    Arbitrary<List<Long>> steps() {
        return Arbitraries.longs().between(0, 5 * DAY).list().ofMaxSize(60);
    }
}
