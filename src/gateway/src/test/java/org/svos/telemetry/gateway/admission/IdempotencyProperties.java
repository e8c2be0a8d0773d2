package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;

/** Keys over weeks in which they expire, the clock steps back, and the gateway restarts and crashes. */
class IdempotencyProperties {

    private static final Quota QUOTA = new Quota(Quota.MAX, 1, Quota.MAX, Quota.Mode.ENFORCE);
    private static final Duration MEMORY = Duration.ofDays(7);

    sealed interface Step {

        record Bring(int sandbox, int key, int body) implements Step {}

        /** Forwards, or back. */
        record Move(Duration time) implements Step {}

        record Forget(int keys) implements Step {}

        record Restart() implements Step {}

        record Crash() implements Step {}
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Step> bring = Combinators.combine(
                        Arbitraries.integers().between(1, 2),
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(0, 1))
                .as(Step.Bring::new);
        Arbitrary<Step> move = Arbitraries.of(
                        Duration.ofMillis(1),
                        Duration.ofHours(5),
                        Duration.ofDays(2),
                        MEMORY.minusMillis(1),
                        MEMORY,
                        Duration.ofMillis(-1),
                        Duration.ofHours(-7),
                        Duration.ofDays(-3))
                .map(Step.Move::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(12, bring),
                        Tuple.of(5, move),
                        Tuple.of(2, Arbitraries.integers().between(1, 3).map(Step.Forget::new)),
                        Tuple.of(1, Arbitraries.just(new Step.Restart())),
                        Tuple.of(1, Arbitraries.just(new Step.Crash())))
                .list()
                .ofMinSize(20)
                .ofMaxSize(80);
    }

    @Property(tries = 15, shrinking = ShrinkingMode.BOUNDED)
    void aKeyIsRememberedForSevenDaysAndForNoLonger(@ForAll("steps") List<Step> steps) throws IOException {
        try (Machine machine = new Machine()) {
            for (Step step : steps) {
                machine.take(step);
                machine.check();
            }
        }
    }

    private static final class Machine implements AutoCloseable {

        private record Key(int sandbox, String key) {}

        /** @param expired whether the clock has been past its time once: then a step back may, but need not, revive it */
        private record Kept(int body, Instant at, boolean expired) {}

        private final SetClock clock = new SetClock(Instant.parse("2026-11-22T10:00:00Z"));
        private final Map<Key, Kept> keys = new HashMap<>();
        private Path data = Files.createTempDirectory("idempotency");
        private Rooms rooms = new Rooms(data, clock);
        private final Database database = rooms.register("lab", QUOTA, Rooms.sandbox(1));
        private long accepted;
        private long duplicate;
        private long reused;

        Machine() throws IOException {
            rooms.register("lab", QUOTA, Rooms.sandbox(2));
        }

        void take(Step step) throws IOException {
            switch (step) {
                case Step.Bring bring -> bring(bring);
                case Step.Move(Duration time) -> {
                    clock.advance(time);
                    keys.replaceAll(
                            (key, kept) -> kept.expired || isPast(kept) ? new Kept(kept.body, kept.at, true) : kept);
                }
                case Step.Forget(int count) -> rooms.admission.forgetExpiredKeys(count);
                case Step.Restart() -> {
                    rooms.close();
                    rooms = new Rooms(data, clock);
                }
                case Step.Crash() -> crash();
            }
        }

        private boolean isPast(Kept kept) {
            return !kept.at.plus(MEMORY).isAfter(clock.instant());
        }

        private void crash() throws IOException {
            Path found = Folders.copyOfStore(data);
            close();
            data = found;
            rooms = new Rooms(data, clock);
        }

        private void bring(Step.Bring bring) {
            SandboxId sandbox = Rooms.sandbox(bring.sandbox);
            Key key = new Key(bring.sandbox, "key-" + bring.key);
            Outcome outcome = rooms.admission.admit(Rooms.batch(database, sandbox, key.key, "body " + bring.body, 1));
            Kept kept = keys.get(key);
            boolean mayBeFresh = kept == null || kept.expired;
            boolean mayBeKnown = kept != null && !isPast(kept);
            boolean sameBody = kept != null && kept.body == bring.body;
            switch (outcome) {
                case Outcome.Accepted fresh -> {
                    assertThat(mayBeFresh).isTrue();
                    keys.put(key, new Kept(bring.body, clock.instant(), false));
                    accepted++;
                }
                case Outcome.Replayed replayed -> {
                    assertThat(mayBeKnown && sameBody).isTrue();
                    duplicate++;
                }
                case Outcome.KeyReused another -> {
                    assertThat(mayBeKnown && !sameBody).isTrue();
                    reused++;
                }
                case Outcome other -> throw new AssertionError("answered " + other);
            }
        }

        void check() {
            Totals totals = rooms.ledger.of(database.id());
            assertThat(totals.accepted()).isEqualTo(accepted);
            assertThat(totals.waiting()).isEqualTo(accepted);
            assertThat(totals.duplicate()).isEqualTo(duplicate);
            assertThat(totals.rejected().getOrDefault("key-reused", 0L)).isEqualTo(reused);
            assertThat(totals.received()).isEqualTo(accepted + duplicate + reused);
            assertThat(totals.imbalance()).isZero();
        }

        @Override
        public void close() throws IOException {
            rooms.close();
            Folders.delete(data);
        }
    }
}
