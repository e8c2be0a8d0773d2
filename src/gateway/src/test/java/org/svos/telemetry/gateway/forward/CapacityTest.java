package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.forward.Capacity.Hold;
import org.svos.telemetry.gateway.forward.Capacity.Share;

/** Who is served next, with one delivery at a time and a clock that the test sets. */
class CapacityTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong nanos = new AtomicLong();
    private final Capacity capacity = new Capacity(1_000, 1, 1 << 20, nanos::get);
    private final BlockingQueue<Served> served = new LinkedBlockingQueue<>();
    private final List<Thread> asking = new ArrayList<>();

    private record Served(String lane, Hold hold) {}

    @AfterEach
    void end() {
        asking.forEach(Thread::interrupt);
    }

    @Test
    void lanesOfTheSameWeightTakeTurnsHoweverManyDeliveriesOneOfThemAsksFor() throws Exception {
        Share big = lane(100);
        Share small = lane(100);
        ask("big", big, 100);
        ask("small", small, 10);
        assertThat(serve(20, SECOND)).contains("big, small, big, small, big, small, big, small");
    }

    @Test
    void aLaneOfTenTimesTheWeightGetsTenTimesTheTime() throws Exception {
        Share heavy = lane(1_000);
        Share light = lane(100);
        ask("heavy", heavy, 300);
        ask("light", light, 100);
        List<String> lanes = List.of(serve(220, SECOND).split(", "));
        assertThat(lanes.stream().filter("light"::equals).count()).isBetween(18L, 22L);
    }

    @Test
    void whoseDeliveriesTakeLongerGetsFewer() throws Exception {
        Share slow = lane(100);
        Share quick = lane(100);
        ask("slow", slow, 100);
        ask("quick", quick, 100);
        int ofSlow = 0;
        for (int i = 0; i < 110; i++) {
            Served next = next();
            boolean isSlow = next.lane().equals("slow");
            ofSlow += isSlow ? 1 : 0;
            nanos.addAndGet(isSlow ? 9 * SECOND : SECOND);
            next.hold().close();
        }
        assertThat(ofSlow).isBetween(8, 16);
    }

    @Test
    void aSmallLaneThatComesWhileABigBacklogWaitsIsServedNext() throws Exception {
        Share big = lane(10_000);
        ask("big", big, 500);
        serve(200, SECOND);
        for (int i = 0; i < 5; i++) {
            Share small = lane(100);
            Served underWay = next();
            ask("small " + i, small, 1);
            nanos.addAndGet(SECOND);
            underWay.hold().close();
            Served next = next();
            assertThat(next.lane()).isEqualTo("small " + i);
            next.hold().close();
            serve(20, SECOND);
        }
    }

    @Test
    void aLaneThatHadNothingToDeliverHasNotSavedUpForLater() throws Exception {
        Share idle = lane(100);
        Share busy = lane(100);
        ask("busy", busy, 300);
        serve(100, SECOND);
        ask("idle", idle, 50);
        List<String> lanes = List.of(serve(40, SECOND).split(", "));
        assertThat(lanes.stream().filter("idle"::equals).count()).isBetween(18L, 22L);
    }

    @Test
    void whenLanternRockTakesMoreAtOnceThoseThatWaitAreServed() throws Exception {
        Share lane = lane(100);
        ask("lane", lane, 5);
        Served first = next();
        assertThat(served.poll(50, TimeUnit.MILLISECONDS)).isNull();
        capacity.deliveries(3);
        next();
        next();
        assertThat(served.poll(50, TimeUnit.MILLISECONDS)).isNull();
        capacity.deliveries(1);
        first.hold().close();
        assertThat(served.poll(50, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void whoIsInterruptedWhileItWaitsLeavesNothingBehind() throws Exception {
        Share lane = lane(100);
        ask("lane", lane, 1);
        Served first = next();
        ask("lane", lane, 1);
        asking.getLast().interrupt();
        asking.getLast().join();
        first.hold().close();
        ask("lane", lane, 1);
        next().hold().close();
    }

    @Test
    void memoryIsGivenBackWholeAndABodyOfMoreThanAllOfItGoesAlone() throws Exception {
        try (Capacity.Memory all = capacity.memory();
                Capacity.Memory more = capacity.memory()) {
            all.take(1L << 40);
            assertThat(more.tryToTake(1)).isFalse();
        }
        try (Capacity.Memory more = capacity.memory()) {
            assertThat(more.tryToTake(1L << 40)).isTrue();
        }
        try (Capacity.Memory again = capacity.memory()) {
            assertThat(again.tryToTake(1 << 19)).isTrue();
            assertThat(again.tryToTake(1 << 18)).isTrue();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> again.take(1L << 40)).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void lanesThatWaitForATurnGetItByWhatTheyHadAndThenAsTheyCame() throws Exception {
        var one = new Capacity(1, 1, 1 << 20, nanos::get);
        var turns = new ArrayList<String>();
        var given = new ArrayList<Hold>();
        Share rich = new Share();
        one.turn(rich, 100, take(given));
        try (Hold turn = given.removeFirst();
                Hold delivery = one.delivery(rich)) {
            assertThat(turn).isNotSameAs(delivery);
            nanos.addAndGet(SECOND);
        }
        one.turn(new Share(), 100, take(given));
        one.turn(rich, 100, told("rich", turns, take(given)));
        one.turn(new Share(), 100, told("first", turns, take(given)));
        one.turn(new Share(), 100, told("second", turns, take(given)));
        assertThat(turns).isEmpty();
        for (int i = 0; i < 4; i++) {
            given.removeFirst().close();
        }
        assertThat(turns).containsExactly("first", "second", "rich");
    }

    @Test
    void aTurnThatIsNotWantedAnyMoreGoesToTheNextHoweverManyDoNotWantIt() {
        var one = new Capacity(1, 1, 1 << 20, nanos::get);
        var turns = new ArrayList<String>();
        var given = new ArrayList<Hold>();
        one.turn(new Share(), 100, take(given));
        for (int i = 0; i < 100_000; i++) {
            one.turn(new Share(), 100, _ -> false);
        }
        one.turn(new Share(), 100, told("last", turns, take(given)));
        given.removeFirst().close();
        assertThat(turns).containsExactly("last");
        one.turn(new Share(), 100, told("after it", turns, take(given)));
        assertThat(turns).containsExactly("last");
        given.removeFirst().close();
        assertThat(turns).containsExactly("last", "after it");
    }

    private static Capacity.Beginning take(List<Hold> given) {
        return given::add;
    }

    private static Capacity.Beginning told(String lane, List<String> turns, Capacity.Beginning beginning) {
        return turn -> turns.add(lane) && beginning.begin(turn);
    }

    /** A lane that has had its turn. */
    private Share lane(double weight) {
        var share = new Share();
        var given = new ArrayList<Hold>();
        capacity.turn(share, weight, take(given));
        given.removeFirst().close();
        return share;
    }

    /** So many at once; all of them wait, or one is served, when this returns. */
    private void ask(String lane, Share share, int deliveries) {
        for (int i = 0; i < deliveries; i++) {
            Thread thread = Thread.ofPlatform().daemon().start(() -> {
                try {
                    served.add(new Served(lane, capacity.delivery(share)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            asking.add(thread);
            while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TERMINATED) {
                Thread.onSpinWait();
            }
        }
    }

    /** Lets so many deliveries, of that time each, end one after another; whose they were. */
    private String serve(int deliveries, long took) throws InterruptedException {
        var lanes = new ArrayList<String>();
        for (int i = 0; i < deliveries; i++) {
            Served next = next();
            lanes.add(next.lane());
            nanos.addAndGet(took);
            next.hold().close();
        }
        return String.join(", ", lanes);
    }

    private Served next() throws InterruptedException {
        Served next = served.poll(Duration.ofSeconds(20).toMillis(), TimeUnit.MILLISECONDS);
        assertThat(next).as("nobody is served").isNotNull();
        return next;
    }
}
