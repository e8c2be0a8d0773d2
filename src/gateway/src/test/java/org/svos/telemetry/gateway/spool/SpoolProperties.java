package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import org.svos.telemetry.gateway.spool.SpoolMachine.Step;

/** The spool as lanes use it, beside lists in memory: whatever is done in whatever order, and over restarts and crashes. */
class SpoolProperties {

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> database = Arbitraries.integers().between(0, SpoolMachine.DATABASES - 1);
        Arbitrary<Integer> few = Arbitraries.integers().between(1, 4);
        Arbitrary<Step> bring = Combinators.combine(
                        database,
                        Arbitraries.integers().between(1, 9),
                        Arbitraries.frequencyOf(
                                Tuple.of(9, Arbitraries.integers().between(1, 60)),
                                Tuple.of(1, Arbitraries.integers().between(4_000, 70_000))))
                .as(Step.Bring::new);
        Arbitrary<Step> read = Combinators.combine(
                        database, Arbitraries.integers().between(0, 3), few, Arbitraries.of(1, 50, 100, 100_000))
                .as(Step.Read::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(12, bring),
                        Tuple.of(5, read),
                        Tuple.of(4, Combinators.combine(database, few).as(Step.Pass::new)),
                        Tuple.of(3, Combinators.combine(database, few).as(Step.Settle::new)),
                        Tuple.of(2, few.map(Step.Sweep::new)),
                        Tuple.of(1, database.map(Step.Discard::new)),
                        Tuple.of(1, Arbitraries.just(new Step.Restart())),
                        Tuple.of(2, Arbitraries.just(new Step.Crash())))
                .list()
                .ofMinSize(20)
                .ofMaxSize(70);
    }

    @Property(tries = 12, shrinking = ShrinkingMode.BOUNDED)
    void lanesReadWhatTheModelHoldsAndTheLedgerAddsUpAfterEveryStep(@ForAll("steps") List<Step> steps)
            throws IOException {
        try (SpoolMachine machine = new SpoolMachine()) {
            for (Step step : steps) {
                machine.take(step);
                machine.check();
            }
        }
    }

    @Property(tries = 5, shrinking = ShrinkingMode.BOUNDED)
    void theSameWhereTheSpoolIsARingOfPartitions(@ForAll("steps") List<Step> steps) throws IOException {
        try (SpoolMachine machine = new SpoolMachine(new SpoolMachine.Server())) {
            for (Step step : steps) {
                machine.take(step);
                machine.check();
            }
        }
    }
}
