package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.forward.ScriptedLanternRock.Act;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.store.Tx;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;

/** Lanes on their threads. */
class ForwarderTest extends OnTheLabsLane {

    private static final long MEMORY = 8 << 20;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Forwarder forwarder(LanternRock lanternRock, Duration stopWithin) {
        return new Forwarder(
                fixture.sharedWith(lanternRock), () -> Set.copyOf(fixture.databases.keySet()), stopWithin, meters);
    }

    @Test
    void whatWaitsAtTheStartAndWhatComesLaterIsDelivered() throws Exception {
        fixture.admit(lab, "k1", LaneFixture.messages(1, 2));
        Forwarder forwarder = forwarder(fixture.lanternRock, Duration.ofSeconds(5));
        forwarder.start();
        await(() -> fixture.lanternRock.seqs().size() == 2);
        for (int i = 2; i < 30; i++) {
            fixture.admit(lab, "k" + i, LaneFixture.messages(1 + i, 1));
        }
        await(() -> fixture.lanternRock.seqs().size() == 30);
        await(() -> fixture.rooms.ledger.of(lab.id()).delivered() == 30);
        forwarder.stop();
        assertThat(fixture.lanternRock.seqs()).isSorted();
    }

    @Test
    void aDatabaseThatIsRegisteredLaterHasALaneWithItsFirstEvent() throws Exception {
        Forwarder forwarder = forwarder(fixture.lanternRock, Duration.ofSeconds(5));
        forwarder.start();
        Database field = fixture.register("field");
        fixture.admit(field, "k1", LaneFixture.messages(1, 1));
        await(() -> fixture.rooms.ledger.of(field.id()).delivered() == 1);
        forwarder.stop();
    }

    @Test
    void aSmallDatabaseIsServedNextHoweverMuchWaitsForABigOne() throws Exception {
        for (int i = 0; i < 32; i++) {
            fixture.admit(lab, "k" + i, LaneFixture.messages(1 + i, 1).replace("\"h1\"", "\"h" + i % 8 + "\""));
        }
        var asked = new LinkedBlockingQueue<String>();
        var answers = new Semaphore(0);
        Forwarder forwarder = forwarder(
                delivery -> {
                    asked.add(delivery.database());
                    answers.acquire();
                    return fixture.lanternRock.deliver(delivery);
                },
                Duration.ofSeconds(5));
        forwarder.start();
        // Four at once, and the other hosts wait for one of them to be answered.
        await(() -> asked.size() == 4 && fixture.capacity.waiting() == 4);
        Database field = fixture.register("field");
        fixture.admit(field, "k1", LaneFixture.messages(1, 1));
        await(() -> fixture.capacity.waiting() == 5);
        answers.release();
        await(() -> asked.size() == 5);
        assertThat(asked).last().isEqualTo("field");
        answers.release(1_000);
        await(() -> fixture.rooms.ledger.of(lab.id()).delivered() == 32);
        forwarder.stop();
    }

    @Test
    void manyLanesThatWaitForMemoryHaveReadNothingYet() throws Exception {
        int lanes = 40;
        for (int i = 0; i < lanes; i++) {
            fixture.admit(fixture.register("lab-" + i), "k", LaneFixture.messages(1, 15, 60_000));
        }
        fixture.capacity = new Capacity(lanes, lanes, MEMORY, System::nanoTime);
        var answers = new Semaphore(0);
        Forwarder forwarder = forwarder(
                delivery -> {
                    answers.acquire();
                    return fixture.lanternRock.deliver(delivery);
                },
                Duration.ofSeconds(5));
        long before = heap();
        forwarder.start();
        await(() -> fixture.capacity.waiting() == 0 && fixture.capacity.waitingForMemory() == lanes - 1);
        assertThat(heap() - before).isLessThan(2 * MEMORY);
        answers.release(lanes);
        await(() -> fixture.lanternRock.records().size() == 15 * lanes);
        forwarder.stop();
        assertThat(fixture.capacity.waitingForMemory()).isZero();
    }

    @Test
    void aThousandLanesThatWaitForLanternRockTakeLittleHeapAndGoOnWhenItIsBack() throws Exception {
        int lanes = 1_000;
        for (int i = 0; i < lanes; i++) {
            fixture.admit(fixture.register("lab-" + i), "k", LaneFixture.messages(1, 1));
        }
        var away = new AtomicBoolean(true);
        Forwarder forwarder = forwarder(
                delivery -> away.get()
                        ? new Receipt.Retry("away", Duration.ofSeconds(2))
                        : fixture.lanternRock.deliver(delivery),
                Duration.ofSeconds(5));
        long before = heap();
        forwarder.start();
        await(() -> lanes("retrying") == lanes);
        // A stack takes 2 KB, and what belongs to a thread 1 KB more. Others in this process may leave theirs a little
        // later.
        await(() -> (heap() - before) / lanes < 1_000);
        away.set(false);
        await(() -> fixture.lanternRock.records().size() == lanes);
        forwarder.stop();
    }

    @Test
    void aLaneThatIsLostWhileItWaitsRestsAndGoesOnAtOnceWhenItIsHeldAgain() throws Exception {
        var held = new AtomicBoolean(true);
        fixture.tenure = new SwitchedTenure(held);
        var away = new AtomicBoolean(true);
        Forwarder forwarder = forwarder(
                delivery -> away.get()
                        ? new Receipt.Retry("away", Duration.ofMinutes(30))
                        : fixture.lanternRock.deliver(delivery),
                Duration.ofSeconds(5));
        forwarder.start();
        for (int i = 0; i < 20; i++) {
            int k = i;
            away.set(true);
            held.set(true);
            fixture.admit(lab, "k" + i, LaneFixture.messages(1 + i, 1));
            await(() -> lanes("retrying") == 1);
            held.set(false);
            forwarder.leave(lab.id());
            await(() -> forwarder.isResting(lab.id()));
            fixture.admit(lab, "l" + i, LaneFixture.messages(101 + i, 1));
            away.set(false);
            held.set(true);
            forwarder.wake(lab.id());
            await(() -> fixture.rooms.ledger.of(lab.id()).delivered() == 2L * (k + 1));
        }
        forwarder.stop();
    }

    /** Holds all lanes or none. */
    private record SwitchedTenure(AtomicBoolean held) implements Tenure {

        @Override
        public void start(LaneKeeper keeper) {}

        @Override
        public boolean holds(long databaseId) {
            return held.get();
        }

        @Override
        public boolean holds(Tx tx, long databaseId) {
            return held.get();
        }

        @Override
        public void appended(long databaseId) {}

        @Override
        public @Nullable LaneStatus told(long databaseId) {
            return null;
        }

        @Override
        public void close() {}
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void lanesThatAreParkedCanBeCountedFromOutside() throws Exception {
        fixture.lanternRock.script.add(Act.PARK);
        Forwarder forwarder = forwarder(fixture.lanternRock, Duration.ofSeconds(5));
        assertThat(lanes("parked")).isZero();
        forwarder.start();
        fixture.admit(lab, "k1", LaneFixture.messages(1, 1));
        await(() -> lanes("parked") == 1);
        assertThat(lanes("open")).isZero();
        assertThat(lanes("retrying")).isZero();
        forwarder.stop();
    }

    private int lanes(String state) {
        return (int) meters.get("telemetry.lanes").tag("state", state).gauge().value();
    }

    @Test
    void aStopWaitsForTheDeliveryUnderWayAndNotForAllThatIsWaiting() throws Exception {
        for (int i = 0; i < 60; i++) {
            fixture.admit(lab, "k" + i, LaneFixture.messages(1 + i, 1));
        }
        fixture.step = Duration.ofMillis(500);
        Forwarder forwarder = forwarder(
                delivery -> {
                    Receipt receipt = fixture.lanternRock.deliver(delivery);
                    Thread.sleep(100);
                    return receipt;
                },
                Duration.ofSeconds(30));
        forwarder.start();
        await(() -> !fixture.lanternRock.seqs().isEmpty());
        forwarder.stop();

        int delivered = fixture.lanternRock.seqs().size();
        assertThat(delivered).isLessThan(60);
        assertThat(fixture.rooms.ledger.of(lab.id()).delivered()).isEqualTo(delivered);
    }

    @Test
    void aFaultOfTheGatewaysOwnDoesNotEndALane() throws Exception {
        fixture.lanternRock.script.addAll(List.of(Act.CRASH, Act.KEEP_AND_CRASH));
        Forwarder forwarder = forwarder(fixture.lanternRock, Duration.ofSeconds(5));
        forwarder.start();
        fixture.admit(lab, "k1", LaneFixture.messages(1, 1));
        await(() -> fixture.rooms.ledger.of(lab.id()).delivered() == 1);
        forwarder.stop();
        assertThat(fixture.lanternRock.seqs()).containsExactly(1L);
    }

    @Test
    void aStopLetsTheDeliveryUnderWayEndAndSettlesIt() throws Exception {
        var asked = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        Forwarder forwarder = forwarder(
                delivery -> {
                    asked.countDown();
                    answer.await();
                    return fixture.lanternRock.deliver(delivery);
                },
                Duration.ofSeconds(20));
        forwarder.start();
        fixture.admit(lab, "k1", LaneFixture.messages(1, 1));
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        Thread stop = Thread.ofVirtual().start(forwarder::stop);
        answer.countDown();
        stop.join();
        assertThat(fixture.rooms.ledger.of(lab.id()).delivered()).isEqualTo(1);
    }

    @Test
    void aStopBreaksOffADeliveryThatIsNotAnsweredAndSettlesWhatWasDeliveredBefore() throws Exception {
        var asked = new CountDownLatch(2);
        Forwarder forwarder = forwarder(
                delivery -> {
                    asked.countDown();
                    if (asked.getCount() == 0) {
                        Thread.sleep(Duration.ofMinutes(5));
                    }
                    return fixture.lanternRock.deliver(delivery);
                },
                Duration.ofMillis(50));
        fixture.admit(lab, "k1", LaneFixture.messages(1, 1));
        fixture.admit(lab, "k2", LaneFixture.messages(2, 1));
        forwarder.start();
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        forwarder.stop();
        assertThat(fixture.rooms.ledger.of(lab.id()).delivered()).isEqualTo(1);
        assertThat(fixture.rooms.ledger.of(lab.id()).waiting()).isEqualTo(1);
    }

    @Test
    void aStopDoesNotWaitForALaneThatWaits() throws Exception {
        var asked = new CountDownLatch(1);
        Forwarder forwarder = forwarder(
                _ -> {
                    asked.countDown();
                    return new Receipt.Parked(401, "who?");
                },
                Duration.ofMinutes(1));
        forwarder.start();
        fixture.admit(lab, "k1", LaneFixture.messages(1, 1));
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        long begin = System.nanoTime();
        forwarder.stop();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        assertThat(fixture.rooms.ledger.of(lab.id()).waiting()).isEqualTo(1);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}
