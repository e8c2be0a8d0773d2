package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.quota.QuotaState;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;

/** Admission, spool and ledger as one state machine beside a model of a few collections, with restarts in between. */
class AdmissionProperties {

    private static final Quota QUOTA = new Quota(60, 2, 12, Quota.Mode.ENFORCE);
    private static final Duration KEY_MEMORY = Duration.ofDays(7);

    sealed interface Step {

        record Bring(int database, int key, int body, int events) implements Step {}

        record Wait(Duration time) implements Step {}

        record Deliver(int database) implements Step {}

        record Sweep() implements Step {}

        record Restart() implements Step {}
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> database = Arbitraries.integers().between(0, 1);
        Arbitrary<Step> bring = Combinators.combine(
                        database,
                        Arbitraries.integers().between(0, 8),
                        Arbitraries.integers().between(1, 25),
                        Arbitraries.integers().between(1, 6))
                .as(Step.Bring::new);
        Arbitrary<Step> wait = Arbitraries.of(
                        Duration.ofMillis(1),
                        Duration.ofMillis(700),
                        Duration.ofSeconds(5),
                        Duration.ofHours(11),
                        Duration.ofDays(3))
                .map(Step.Wait::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(8, bring),
                        Tuple.of(4, wait),
                        Tuple.of(2, database.map(Step.Deliver::new)),
                        Tuple.of(1, Arbitraries.just(new Step.Sweep())),
                        Tuple.of(1, Arbitraries.just(new Step.Restart())))
                .list()
                .ofMinSize(10)
                .ofMaxSize(60);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
    void everyBatchGetsTheModelsAnswerAndTheSpoolHoldsTheModelsBatches(@ForAll("steps") List<Step> steps)
            throws IOException {
        Path data = Files.createTempDirectory("admission");
        try (Machine machine = new Machine(data)) {
            for (Step step : steps) {
                machine.take(step);
            }
            machine.check();
        } finally {
            Folders.delete(data);
        }
    }

    private static final class Machine implements AutoCloseable {

        private record Kept(int body, int events, Instant at) {}

        private record Key(int database, String key) {}

        private final Path data;
        private final SetClock clock = new SetClock(Instant.parse("2026-11-22T10:00:00Z"));
        private final List<Database> databases = new ArrayList<>();
        private Rooms rooms;

        private final Map<Key, Kept> keys = new HashMap<>();
        private final List<QuotaState> quotas = new ArrayList<>(List.of(QuotaState.UNUSED, QuotaState.UNUSED));
        private final List<List<String>> spools = List.of(new ArrayList<>(), new ArrayList<>());
        private final Map<Integer, Long> received = new HashMap<>();

        Machine(Path data) {
            this.data = data;
            rooms = new Rooms(data, clock);
            for (int i = 0; i < 2; i++) {
                databases.add(rooms.register("db" + i, QUOTA, sandbox(i)));
            }
        }

        private static SandboxId sandbox(int database) {
            return Rooms.sandbox(database + 1);
        }

        void take(Step step) {
            switch (step) {
                case Step.Bring bring -> bring(bring);
                case Step.Wait(Duration time) -> clock.advance(time);
                case Step.Deliver(int database) -> deliver(database);
                case Step.Sweep() -> {
                    rooms.spool.sweep(2);
                    rooms.admission.forgetExpiredKeys(2);
                }
                case Step.Restart() -> {
                    check();
                    rooms.close();
                    rooms = new Rooms(data, clock);
                }
            }
        }

        private void bring(Step.Bring bring) {
            String key = "key-" + bring.key;
            Outcome outcome = rooms.admission.admit(Rooms.batch(
                    databases.get(bring.database), sandbox(bring.database), key, "x".repeat(bring.body), bring.events));
            received.merge(bring.database, (long) bring.events, Long::sum);
            Key known = new Key(bring.database, key);
            Kept kept = keys.get(known);
            if (kept != null && kept.at.plus(KEY_MEMORY).isAfter(clock.instant())) {
                if (kept.body == bring.body) {
                    assertThat(outcome)
                            .isInstanceOfSatisfying(
                                    Outcome.Replayed.class,
                                    replayed -> assertThat(replayed.accepted()).isEqualTo(kept.events));
                } else {
                    assertThat(outcome).isInstanceOf(Outcome.KeyReused.class);
                }
                return;
            }
            QuotaState state = quotas.get(bring.database);
            if (state.decide(QUOTA, clock.millis(), bring.events, bring.body)
                    instanceof QuotaState.Decision.Fits(QuotaState next)) {
                assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
                quotas.set(bring.database, next);
                keys.put(known, new Kept(bring.body, bring.events, clock.instant()));
                spools.get(bring.database).add(key + ":" + bring.body + ":" + bring.events);
            } else {
                assertThat(outcome).isInstanceOf(Outcome.OverQuota.class);
            }
            assertThat(rooms.admission.standing(databases.get(bring.database)))
                    .isEqualTo(quotas.get(bring.database).standing(QUOTA, clock.millis()));
        }

        private void deliver(int database) {
            long id = databases.get(database).id();
            List<SpooledBatch> next =
                    rooms.spool.next(id, rooms.spool.cursor(id).passed(), 1, 1);
            assertThat(next.isEmpty()).isEqualTo(spools.get(database).isEmpty());
            if (next.isEmpty()) {
                return;
            }
            SpooledBatch batch = next.getFirst();
            assertThat(text(batch)).isEqualTo(spools.get(database).removeFirst());
            rooms.store.write(tx -> {
                rooms.spool.pass(tx, id, batch.position());
                rooms.ledger.add(tx, id, Account.DELIVERED, Ledger.NO_REASON, batch.events(), batch.bytes());
                return null;
            });
        }

        private static String text(SpooledBatch batch) {
            return batch.key() + ":" + batch.body().length + ":" + batch.events();
        }

        void check() {
            for (int i = 0; i < databases.size(); i++) {
                long id = databases.get(i).id();
                List<String> spooled = rooms
                        .spool
                        .next(id, rooms.spool.cursor(id).passed(), 1_000, 1 << 20)
                        .stream()
                        .map(Machine::text)
                        .toList();
                assertThat(spooled).isEqualTo(spools.get(i));
                Totals totals = rooms.ledger.of(id);
                assertThat(totals.received()).isEqualTo(received.getOrDefault(i, 0L));
                assertThat(totals.imbalance()).isZero();
            }
            assertThat(rooms.meters.get("telemetry.spool.events").gauge().value())
                    .isEqualTo((double) rooms.ledger.all().waiting());
        }

        @Override
        public void close() {
            rooms.close();
        }
    }
}
