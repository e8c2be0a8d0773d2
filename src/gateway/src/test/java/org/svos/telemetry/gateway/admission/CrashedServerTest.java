package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;

/**
 * PostgreSQL crashes again and again under two gateways: one of its processes is killed, and it recovers from its log. This one
 * is set up to acknowledge commits that it has not kept ({@code synchronous_commit = off}), which the gateways overrule.
 */
class CrashedServerTest {

    private static final int CLIENTS = 16;
    private static final int CRASHES = 3;

    private final AtomicInteger unavailable = new AtomicInteger();

    @Test
    void eachBatchIsAdmittedOnceHoweverOftenItsClientHasToAsk() throws Exception {
        String database = TestServer.database();
        List<Rooms> rooms = List.of(
                new Rooms(TestServer.open(database, null), Rooms.SETTINGS),
                new Rooms(TestServer.open(database, null), Rooms.SETTINGS));
        Database lab = rooms.getFirst()
                .register("lab", new Quota(Quota.MAX, Quota.MAX, Quota.MAX, Quota.Mode.ENFORCE), Rooms.sandbox(1));
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicBoolean enough = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int client = i;
                clients.add(threads.submit(() -> {
                    for (int number = 0; !enough.get(); number++) {
                        String key = "c" + client + "-" + number;
                        bring(rooms, client, Rooms.batch(lab, Rooms.sandbox(1), key, "the body of " + key, 1));
                        acknowledged.add(key);
                    }
                    return null;
                }));
            }
            for (int crash = 0; crash < CRASHES; crash++) {
                int before = acknowledged.size();
                while (acknowledged.size() < before + 200) {
                    Thread.sleep(10);
                }
                crash(rooms.getFirst().store);
            }
            int after = acknowledged.size();
            while (acknowledged.size() < after + 200) {
                Thread.sleep(10);
            }
            enough.set(true);
            for (Future<?> each : clients) {
                each.get();
            }
        }

        assertThat(unavailable.get()).as("answers that the store is not there").isPositive();
        List<String> spooled = new ArrayList<>();
        long position = 0;
        for (List<SpooledBatch> next = rooms.getLast().spool.next(lab.id(), 0, 64, 1 << 20);
                !next.isEmpty();
                next = rooms.getLast().spool.next(lab.id(), position, 64, 1 << 20)) {
            next.forEach(batch -> spooled.add(batch.key()));
            position = next.getLast().position();
        }
        assertThat(spooled).doesNotHaveDuplicates();
        assertThat(Set.copyOf(spooled)).isEqualTo(acknowledged);
        Totals totals = rooms.getLast().ledger.of(lab.id());
        assertThat(totals.accepted()).isEqualTo(acknowledged.size());
        assertThat(totals.imbalance()).isZero();
        rooms.forEach(Rooms::close);
    }

    /** As a loader does: until it hears that the batch is kept, at whichever gateway, under the same key. */
    private void bring(List<Rooms> rooms, int client, Batch batch) throws InterruptedException {
        for (int attempt = client; ; attempt++) {
            Outcome outcome = rooms.get(attempt % rooms.size()).admission.admit(batch);
            switch (outcome) {
                case Outcome.Accepted _, Outcome.Replayed _ -> {
                    return;
                }
                case Outcome.Unavailable _ -> {
                    unavailable.incrementAndGet();
                    Thread.sleep(20);
                }
                default -> throw new AssertionError("answered " + outcome);
            }
        }
    }

    private static void crash(Store store) throws InterruptedException {
        long process = store.read(tx -> {
            try (ResultSet row = tx.statement("select pg_backend_pid()").executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
        assertThat(ProcessHandle.of(process).orElseThrow().destroyForcibly()).isTrue();
        Thread.sleep(100);
    }
}
