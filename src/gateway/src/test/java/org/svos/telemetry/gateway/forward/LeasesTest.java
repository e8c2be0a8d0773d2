package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;

/** Lanes shared among gateways, each with a store of its own on one server. */
class LeasesTest {

    private static final Set<Long> LANES =
            LongStream.rangeClosed(1, 40).boxed().collect(Collectors.toUnmodifiableSet());

    private final String database = TestServer.database();
    private final List<Gateway> gateways = new ArrayList<>();

    /** A gateway with leases and no lanes' threads. */
    private final class Gateway implements Tenure.LaneKeeper {

        private final Store store = TestServer.open(database, null);
        private final Leases leases = new Leases(store, () -> LANES);
        private final Set<Long> busy = ConcurrentHashMap.newKeySet();
        private final Set<Long> woken = ConcurrentHashMap.newKeySet();
        private boolean isDead;

        Gateway() {
            gateways.add(this);
            leases.start(this);
        }

        Set<Long> held() {
            return LANES.stream().filter(leases::holds).collect(Collectors.toSet());
        }

        /** Ends as kill -9 would have it end: nothing is given up. */
        void die() {
            isDead = true;
            store.close();
        }

        @Override
        public void wake(long databaseId) {
            woken.add(databaseId);
        }

        @Override
        public void leave(long databaseId) {}

        @Override
        public boolean isResting(long databaseId) {
            return !busy.contains(databaseId);
        }

        @Override
        public LaneStatus statusHere(long databaseId) {
            return new LaneStatus(LaneStatus.State.PARKED, null, 7, 401, "why", null);
        }
    }

    @AfterEach
    void close() {
        for (Gateway gateway : gateways) {
            gateway.leases.close();
            if (!gateway.isDead) {
                gateway.store.close();
            }
        }
    }

    private static void await(Duration within, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + within.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @Test
    void eachLaneIsOneGatewaysAndWhatADeadOneHadIsTakenOverInFiveSeconds() throws InterruptedException {
        Gateway one = new Gateway();
        await(Duration.ofSeconds(5), () -> one.held().equals(LANES));
        Gateway two = new Gateway();
        await(
                Duration.ofSeconds(5),
                () -> !two.held().isEmpty() && one.held().size() + two.held().size() == LANES.size());
        Set<Long> all = new HashSet<>(one.held());
        all.addAll(two.held());
        assertThat(all).isEqualTo(LANES);
        assertThat(two.held()).hasSizeBetween(5, 35);
        Long others = two.held().iterator().next();
        await(Duration.ofSeconds(5), () -> {
            LaneStatus told = one.leases.told(others);
            return told != null && told.state() == LaneStatus.State.PARKED && told.attempts() == 7;
        });
        one.woken.clear();
        two.woken.clear();
        one.leases.appended(others);
        await(Duration.ofSeconds(2), () -> two.woken.contains(others));
        assertThat(one.woken).doesNotContain(others);

        two.die();
        await(Duration.ofSeconds(5), () -> one.held().equals(LANES));
        assertThat(one.woken).contains(others);
    }

    @Test
    void aGatewayThatStopsGivesItsLanesUpAtOnce() throws InterruptedException {
        Gateway one = new Gateway();
        Gateway two = new Gateway();
        await(Duration.ofSeconds(5), () -> one.held().size() + two.held().size() == LANES.size());
        two.leases.close();
        await(Duration.ofMillis(Leases.LEASE_MILLIS - 1_000), () -> one.held().equals(LANES));
    }

    @Test
    void aLaneIsNotTakenInTheMiddleOfAStep() throws InterruptedException {
        Gateway one = new Gateway();
        await(Duration.ofSeconds(5), () -> one.held().equals(LANES));
        one.busy.addAll(LANES);
        Gateway two = new Gateway();
        await(Duration.ofSeconds(5), () -> one.held().size() < LANES.size());
        Thread.sleep(1_000);
        assertThat(two.held()).isEmpty();
        one.busy.clear();
        await(Duration.ofSeconds(5), () -> one.held().size() + two.held().size() == LANES.size());
    }

    @Test
    void whatAStalledGatewayWouldWriteIsWrittenBeforeItsLaneIsTakenOrNotAtAll() throws Exception {
        Gateway stalled = new Gateway();
        await(Duration.ofSeconds(5), () -> stalled.held().equals(LANES));
        Gateway other = new Gateway();
        await(Duration.ofSeconds(5), () -> !other.held().isEmpty());
        long lane = stalled.held().iterator().next();
        CountDownLatch holding = new CountDownLatch(1);
        CountDownLatch going = new CountDownLatch(1);
        Thread settling = Thread.ofPlatform()
                .start(() -> stalled.store.write(tx -> {
                    assertThat(stalled.leases.holds(tx, lane)).isTrue();
                    holding.countDown();
                    try {
                        going.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return null;
                }));
        holding.await();
        // As if nobody had heard of it for long; it does not know.
        Thread taking = Thread.ofPlatform()
                .start(() -> other.store.write(tx -> {
                    tx.change("delete from lane_lease where database_id = ?", lane);
                    tx.change(
                            "insert into lane_lease (database_id, gateway_id, state, attempts) values (?, -1, 'open', 0)",
                            lane);
                    return null;
                }));
        Thread.sleep(300);
        assertThat(taking.isAlive()).as("waits for what is being written").isTrue();
        going.countDown();
        settling.join();
        taking.join();
        boolean mayWrite = stalled.store.write(tx -> stalled.leases.holds(tx, lane));
        assertThat(mayWrite).isFalse();
    }
}
