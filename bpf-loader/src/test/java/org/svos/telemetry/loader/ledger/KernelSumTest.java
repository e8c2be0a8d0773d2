package org.svos.telemetry.loader.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.loader.record.Hook;

class KernelSumTest {

    private static final HookCounts SOUND = new HookCounts(10, 5, 1, 2, 1, 1);

    private final KernelSum sum = new KernelSum();

    private static CpuCounts counts(HookCounts... cpus) {
        return new CpuCounts(Map.of(Hook.MESSAGE, List.of(cpus)));
    }

    private static HookCounts underWay(long captured) {
        return new HookCounts(captured + 1, captured, 0, 0, 0, 0);
    }

    @Test
    void whereAllIsAccountedForThereIsNoImbalance() {
        for (int i = 0; i < 100; i++) {
            assertThat(sum.look(counts(SOUND, HookCounts.NONE))).isEmpty();
        }

        assertThat(sum.imbalance()).isZero();
        assertThat(sum.atRest(counts(SOUND))).isEmpty();
    }

    @Test
    void aDifferenceThatStandsStillIsAnImbalanceOfItsHookAndCpuAndToldOnce() {
        HookCounts short3 = new HookCounts(13, 5, 1, 2, 1, 1);

        assertThat(sum.look(counts(SOUND, short3))).isEmpty();
        assertThat(sum.look(counts(SOUND, short3))).isEmpty();
        assertThat(sum.imbalance()).isZero();
        assertThat(sum.look(counts(SOUND, short3)))
                .containsExactly(new KernelSum.Imbalance(Hook.MESSAGE, 1, short3, 3));
        assertThat(sum.look(counts(SOUND, short3))).isEmpty();

        assertThat(sum.imbalance()).isEqualTo(3);
        assertThat(sum.imbalances()).containsExactly(new KernelSum.Imbalance(Hook.MESSAGE, 1, short3, 3));
    }

    @Test
    void moreAccountedForThanSeenIsOneToo() {
        HookCounts over = new HookCounts(4, 5, 0, 0, 0, 0);
        for (int i = 0; i < 3; i++) {
            sum.look(counts(over));
        }

        assertThat(sum.imbalances()).containsExactly(new KernelSum.Imbalance(Hook.MESSAGE, 0, over, -1));
        assertThat(sum.imbalance()).isEqualTo(1);
    }

    @Test
    void aCallThatIsUnderWayAtOneLookAndOverAtAnotherIsNone() {
        for (int i = 1; i < 1000; i++) {
            sum.look(counts(i % 10 == 0 ? new HookCounts(i, i, 0, 0, 0, 0) : underWay(i)));
            assertThat(sum.imbalance()).isZero();
        }
    }

    @Test
    void anEntryThatNeverComesToRestIsShortByTheLeastDifferenceOfManyLooks() {
        long looks = 0;
        while (sum.imbalance() == 0 && looks < 1000) {
            looks++;
            sum.look(counts(new HookCounts(100 * looks + 2 + looks % 3, 100 * looks, 0, 0, 0, 0)));
        }

        assertThat(sum.imbalance()).isEqualTo(2);
        assertThat(looks).isEqualTo(60);
    }

    @Test
    void atRestNothingIsUnderWay() {
        assertThat(sum.atRest(counts(underWay(7)))).hasSize(1);
        assertThat(sum.imbalance()).isEqualTo(1);
    }
}
