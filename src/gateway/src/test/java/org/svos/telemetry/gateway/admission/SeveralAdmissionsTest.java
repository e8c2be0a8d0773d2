package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.TestServer;

/** Several gateways' admissions on one PostgreSQL come to what one would. */
class SeveralAdmissionsTest {

    private static final int CLIENTS = 64;
    /** At length: -Dtelemetry.test.attempts=200000. */
    private static final int ATTEMPTS = Integer.getInteger("telemetry.test.attempts", 16_000);

    private static final long QUOTA = 5L * ATTEMPTS + 21;

    private final SetClock clock = new SetClock(Instant.parse("2026-11-22T12:00:00Z"));
    private final String database = TestServer.database();

    private List<Rooms> rooms(int count) {
        List<Rooms> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new Rooms(TestServer.open(database, clock), Rooms.SETTINGS));
        }
        return all;
    }

    private static Rooms any(List<Rooms> all) {
        return all.get(ThreadLocalRandom.current().nextInt(all.size()));
    }

    private static void together(Runnable client) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                running.add(threads.submit(client));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void whatTheyAdmitTogetherEqualsTheQuotaToTheByteAndToTheEvent(int count) throws Exception {
        List<Rooms> all = rooms(count);
        List<QuotaClients> clients = List.of(
                new QuotaClients(
                        all.getFirst()
                                .register("day", new Quota(QUOTA, 1, Quota.MAX, Quota.Mode.ENFORCE), Rooms.sandbox(1)),
                        1,
                        QuotaClients.Shape.BYTES),
                new QuotaClients(
                        all.getFirst()
                                .register("rate", new Quota(Quota.MAX, 1, QUOTA, Quota.Mode.ENFORCE), Rooms.sandbox(2)),
                        2,
                        QuotaClients.Shape.EVENTS));
        AtomicInteger left = new AtomicInteger(ATTEMPTS);
        together(() -> {
            while (left.getAndDecrement() > 0) {
                clients.get(ThreadLocalRandom.current().nextInt(2)).attempt(any(all).admission);
            }
        });
        together(() -> clients.forEach(one -> one.fill(any(all).admission)));

        assertThat(clients.get(0).bytes()).isEqualTo(QUOTA);
        assertThat(clients.get(1).events()).isEqualTo(QUOTA);
        for (Rooms each : all) {
            clients.forEach(one -> one.check(each));
            assertThat(each.ledger.all().imbalance()).isZero();
        }
        all.forEach(Rooms::close);
    }

    /** What a lane has read it never goes back for: so nothing may come to lie before it. */
    @Test
    void aLaneThatReadsWhileSeveralAppendMissesNothing() throws Exception {
        List<Rooms> all = rooms(3);
        Database lab = all.getFirst()
                .register("lab", new Quota(Quota.MAX, Quota.MAX, Quota.MAX, Quota.Mode.ENFORCE), Rooms.sandbox(1));
        int batches = 3_000;
        AtomicInteger key = new AtomicInteger();
        AtomicInteger admitted = new AtomicInteger();
        try (ExecutorService lane = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> read = lane.submit(() -> {
                long position = 0;
                int seen = 0;
                while (true) {
                    boolean isLast = admitted.get() == batches;
                    List<SpooledBatch> next = all.getFirst().spool.next(lab.id(), position, 64, 1 << 20);
                    for (SpooledBatch batch : next) {
                        assertThat(batch.position()).isGreaterThan(position);
                        position = batch.position();
                        seen++;
                    }
                    if (isLast && next.isEmpty()) {
                        return seen;
                    }
                }
            });
            together(() -> {
                for (int number = key.getAndIncrement(); number < batches; number = key.getAndIncrement()) {
                    assertThat(any(all).admission.admit(Rooms.batch(lab, Rooms.sandbox(1), "k" + number, "x", 1)))
                            .isInstanceOf(Outcome.Accepted.class);
                    admitted.incrementAndGet();
                }
            });
            assertThat(read.get()).isEqualTo(batches);
        }
        all.forEach(Rooms::close);
    }

    @Test
    void aKeyThatOneHasAdmittedIsRepeatedAtAllAndASandboxThatOneHasRemovedIsGoneAtAll() {
        List<Rooms> all = rooms(2);
        Database lab = all.getFirst().register("lab", Rooms.QUOTA, Rooms.sandbox(1));
        Batch batch = Rooms.batch(lab, Rooms.sandbox(1), "k", "body", 3);
        assertThat(all.getFirst().admission.admit(batch)).isInstanceOf(Outcome.Accepted.class);
        assertThat(all.getLast().admission.admit(batch)).isInstanceOf(Outcome.Replayed.class);
        assertThat(all.getLast().admission.admit(Rooms.batch(lab, Rooms.sandbox(1), "k", "other", 3)))
                .isInstanceOf(Outcome.KeyReused.class);

        all.getFirst().store.write(tx -> {
            tx.change(
                    "delete from sandbox where sandbox_id = ?", Rooms.sandbox(1).value());
            return null;
        });
        assertThat(all.getLast().admission.admit(Rooms.batch(lab, Rooms.sandbox(1), "k2", "body", 3)))
                .isInstanceOf(Outcome.SandboxGone.class);
        all.forEach(Rooms::close);
    }

    /** Its batches go to whichever gateway is free, for several databases at once. */
    @Test
    void whatAHostTellsToSeveralIsCountedOnceAndTheyNeverWaitForEachOtherInACircle() throws Exception {
        List<Rooms> all = rooms(3);
        List<Database> databases = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            databases.add(all.getFirst().register("db" + i, Rooms.QUOTA, Rooms.sandbox(i)));
        }
        int batches = 1_000;
        AtomicInteger next = new AtomicInteger();
        together(() -> {
            for (int number = next.getAndIncrement(); number < batches; number = next.getAndIncrement()) {
                int to = number % databases.size();
                Host host = new Host("host-" + number / 4 % 7, "lab-17", "boot", null, null);
                var summary = Rooms.summary(host, new HostLoss(number, 0, 0, 0, 0), number / 4 + 1, 1, List.of());
                assertThat(any(all).admission
                                .admit(Rooms.batch(databases.get(to), Rooms.sandbox(to), "k" + number, "x", summary)))
                        .isInstanceOf(Outcome.Accepted.class);
            }
        });
        for (Rooms each : all) {
            assertThat(each.ledger.all().hostLost()).containsEntry("ringFull", highestOfEach(batches));
            assertThat(each.ledger.all().imbalance()).isZero();
        }
        all.forEach(Rooms::close);
    }

    /** A host tells the highest count that it has come to, so the sum is that of the highest of each host. */
    private static long highestOfEach(int batches) {
        long[] highest = new long[7];
        for (int number = 0; number < batches; number++) {
            highest[number / 4 % 7] = Math.max(highest[number / 4 % 7], number);
        }
        long sum = 0;
        for (long one : highest) {
            sum += one;
        }
        return sum;
    }
}
