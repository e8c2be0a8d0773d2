package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.spool.TestKafka;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreException;
import org.svos.telemetry.gateway.store.TestServer;
import org.svos.telemetry.kafka.KafkaBroker;

/**
 * The broker is killed again and again under two gateways, which admit and deliver meanwhile and delete what is delivered. Whatever was
 * acknowledged is delivered, once, and nothing else.
 */
class KilledBrokerTest {

    private static final int CLIENTS = 8;
    private static final int SANDBOXES = 5;
    private static final int KILLS = 2;
    private static final long SOON_NANOS = Duration.ofSeconds(9).toNanos();

    @TempDir
    Path folder;

    private final AtomicInteger unavailable = new AtomicInteger();
    private final AtomicLong longest = new AtomicLong();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final AtomicBoolean broughtAll = new AtomicBoolean();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Queue<String> delivered = new ConcurrentLinkedQueue<>();

    @Test
    void whatWasAcknowledgedIsDeliveredOnceAndNothingElse() throws Exception {
        String database = TestServer.database();
        try (KafkaBroker broker = KafkaBroker.start(folder, Map.of());
                Rooms one = rooms(database, broker);
                Rooms two = rooms(database, broker);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Rooms> rooms = List.of(one, two);
            Database lab = register(one);
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int client = i;
                clients.add(threads.submit(() -> {
                    for (int number = 0; !enough.get(); number++) {
                        String key = "c" + client + "-" + number;
                        SandboxId sandbox = Rooms.sandbox(1 + number % SANDBOXES);
                        bring(rooms, client, Rooms.batch(lab, sandbox, key, "the body of " + key, 1));
                        acknowledged.add(key);
                    }
                    return null;
                }));
            }
            Future<?> lane = threads.submit(() -> deliver(two, lab));
            for (int kill = 0; kill < KILLS; kill++) {
                awaitMore(100);
                broker.kill();
                int before = unavailable.get();
                while (unavailable.get() < before + CLIENTS) {
                    Thread.sleep(10);
                }
                assertThat(one.bodies.trouble() == null && two.bodies.trouble() == null)
                        .as("readiness")
                        .isFalse();
                broker.restart();
            }
            awaitMore(100);
            enough.set(true);
            for (Future<?> each : clients) {
                each.get();
            }
            broughtAll.set(true);
            lane.get();
            long deadline = System.nanoTime() + SOON_NANOS;
            while (one.bodies.trouble() != null) {
                assertThat(System.nanoTime()).as("recovered in time").isLessThan(deadline);
                Thread.sleep(20);
            }
            Totals totals = two.ledger.of(lab.id());
            assertThat(totals.accepted()).isEqualTo(acknowledged.size());
            assertThat(totals.delivered()).isEqualTo(acknowledged.size());
            assertThat(totals.discarded()).isZero();
            assertThat(totals.imbalance()).isZero();
        }
        assertThat(List.copyOf(delivered)).doesNotHaveDuplicates();
        assertThat(Set.copyOf(delivered)).isEqualTo(acknowledged);
        assertThat(longest.get()).as("the longest answer").isLessThan(SOON_NANOS);
    }

    private static Rooms rooms(String database, KafkaBroker broker) {
        Store store = TestServer.open(database, null);
        return new Rooms(
                store, TestKafka.bodies(store, TestKafka.settings(broker.bootstrapServers(), "spool")), Rooms.SETTINGS);
    }

    private static Database register(Rooms rooms) {
        Quota plenty = new Quota(Quota.MAX, Quota.MAX, Quota.MAX, Quota.Mode.ENFORCE);
        Database lab = rooms.register("lab", plenty, Rooms.sandbox(1));
        for (int i = 2; i <= SANDBOXES; i++) {
            rooms.register("lab", plenty, Rooms.sandbox(i));
        }
        return lab;
    }

    private void awaitMore(int batches) throws InterruptedException {
        int before = acknowledged.size();
        while (acknowledged.size() < before + batches) {
            Thread.sleep(10);
        }
    }

    /** As a loader does: until it hears that the batch is kept, at whichever gateway, under the same key. */
    private void bring(List<Rooms> rooms, int client, Batch batch) throws InterruptedException {
        for (int attempt = client; ; attempt++) {
            long begun = System.nanoTime();
            Outcome outcome = rooms.get(attempt % rooms.size()).admission.admit(batch);
            longest.accumulateAndGet(System.nanoTime() - begun, Math::max);
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

    /** As a lane does: reads, delivers, and then says how far it has come, until all that was acknowledged is there. */
    private Void deliver(Rooms rooms, Database lab) throws InterruptedException {
        long passed = 0;
        while (!broughtAll.get() || delivered.size() < acknowledged.size()) {
            try {
                List<SpooledBatch> next = rooms.spool.next(lab.id(), passed, 16, 1 << 20);
                if (next.isEmpty()) {
                    Thread.sleep(5);
                    continue;
                }
                long last = next.getLast().position();
                rooms.store.write(tx -> {
                    rooms.spool.pass(tx, lab.id(), last);
                    rooms.ledger.add(tx, lab.id(), Account.DELIVERED, Ledger.NO_REASON, next.size(), 0);
                    return null;
                });
                next.forEach(batch -> delivered.add(batch.key()));
                passed = last;
                while (rooms.spool.sweep(500)) {
                    // Until nothing passed is left.
                }
                rooms.spool.freeBodies();
            } catch (StoreException e) {
                Thread.sleep(20);
            }
        }
        return null;
    }
}
