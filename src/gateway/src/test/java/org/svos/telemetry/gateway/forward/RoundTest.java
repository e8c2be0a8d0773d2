package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.svos.telemetry.gateway.forward.LaneFixture.batch;
import static org.svos.telemetry.gateway.forward.LaneFixture.event;
import static org.svos.telemetry.gateway.forward.LaneFixture.message;
import static org.svos.telemetry.gateway.forward.LaneFixture.messages;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.DeliveryJson;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.Session;

/** Batches of several hosts in one lane, side by side. */
class RoundTest extends OnTheLabsLane {

    private static final Receipt LATER = new Receipt.Retry("status 503", null);

    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    private Lane lane(LanternRock lanternRock) {
        return new Lane(lab.id(), fixture.sharedWith(delivery -> {
            asked.add(seqs(delivery));
            return lanternRock.deliver(delivery);
        }));
    }

    private void admit(String host, String key, String body) {
        fixture.admit(lab, key, body.replace("\"h1\"", "\"" + host + "\""));
    }

    private static String seqs(Delivery delivery) {
        return delivery.records().stream()
                        .map(record -> record.segments().seq())
                        .toList() + "";
    }

    @Test
    void aHostWhoseDeliveryIsUnderWaySendsNoOtherAndDoesNotHoldUpOthers() throws Exception {
        admit("h1", "k1", messages(1, 1));
        admit("h1", "k2", messages(2, 1));
        admit("h2", "k3", messages(11, 1));
        admit("h2", "k4", messages(12, 1));
        var otherIsThrough = new CountDownLatch(2);
        Lane lane = lane(delivery -> {
            if (seqs(delivery).equals("[1]")) {
                otherIsThrough.await();
            } else if (!seqs(delivery).equals("[2]")) {
                otherIsThrough.countDown();
            }
            return new Receipt.Delivered();
        });
        assertThat(lane.step()).isEqualTo(new Step.Again());
        assertThat(asked).containsExactlyInAnyOrder("[1]", "[2]", "[11]", "[12]");
        assertThat(List.copyOf(asked)).last().isEqualTo("[2]");
        assertThat(List.copyOf(asked).indexOf("[11]"))
                .isLessThan(List.copyOf(asked).indexOf("[12]"));
        assertDelivered(4);
    }

    @Test
    void anotherBootOfAHostWaitsForTheOneBefore() throws Exception {
        admit("h1", "k1", messages(1, 1));
        admit("h1", "k2", messages(2, 1).replace("\"b1\"", "\"b2\""));
        var underWay = new AtomicInteger();
        var most = new AtomicInteger();
        Lane lane = lane(_ -> {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            Thread.sleep(20);
            underWay.decrementAndGet();
            return new Receipt.Delivered();
        });
        lane.step();
        assertThat(asked).containsExactly("[1]", "[2]");
        assertThat(most).hasValue(1);
    }

    @Test
    void whatWasDeliveredBehindABatchThatHasToWaitIsNotSentAgainAndIsCountedOnceInTurn() throws Exception {
        admit("h1", "k1", messages(1, 1));
        admit("h2", "k2", batch(event(11, "session_begin", "\"name\":\"startup\"")));
        admit("h2", "k3", batch(event(12, "session_end", "")));
        var others = new CountDownLatch(2);
        var refusals = new AtomicInteger(2);
        Lane lane = lane(delivery -> {
            if (seqs(delivery).equals("[1]")) {
                others.await();
                return refusals.getAndDecrement() > 0 ? LATER : new Receipt.Delivered();
            }
            others.countDown();
            return fixture.lanternRock.deliver(delivery);
        });
        assertThat(lane.step()).isInstanceOf(Step.Wait.class);
        assertDelivered(0);
        assertThat(lane.step()).isInstanceOf(Step.Wait.class);
        assertThat(lane.step()).isEqualTo(new Step.Again());
        assertThat(lane.step()).isEqualTo(new Step.Idle());
        assertThat(asked).containsExactlyInAnyOrder("[1]", "[11]", "[12]", "[1]", "[1]");
        assertThat(fixture.lanternRock.kept.getLast().sessions().getFirst().duration())
                .isNotNull();
        assertDelivered(3);
    }

    @Test
    void aRefusedBatchHoldsUpItsOwnHostOnlyAndIsNotSentAgainAsAWhole() throws Exception {
        admit("h1", "k1", messages(1, 2));
        admit("h1", "k2", messages(3, 1));
        admit("h2", "k3", messages(11, 1));
        fixture.lanternRock.poison.add(2L);
        Lane lane = lane(fixture.lanternRock);
        fixture.carryAll(lane);
        assertThat(asked).containsExactlyInAnyOrder("[1, 2]", "[11]", "[1]", "[2]", "[3]");
        assertThat(fixture.deadLetters(lab)).containsExactly("2 refused 422 1");
        Totals totals = fixture.rooms.ledger.of(lab.id());
        assertThat(totals.delivered()).isEqualTo(3);
        assertThat(totals.imbalance()).isZero();
    }

    @Test
    void aLargeBatchGoesOutInPartsOfABoundedSize() throws Exception {
        admit("h1", "k1", messages(1, 50, 60_000));
        admit("h1", "k2", messages(51, 1));
        fixture.carryAll(lane(fixture.lanternRock));
        assertThat(fixture.lanternRock.seqs()).hasSize(51).isSorted().doesNotHaveDuplicates();
        assertThat(fixture.lanternRock.kept).hasSize(4).allSatisfy(RoundTest::isOfBoundedSize);
        assertDelivered(51);
    }

    @Test
    void thePartsOfALargeBatchAreBoundedWhereverItIsLarge() throws Exception {
        String small = messages(1, 1_000, 1);
        String large = messages(1_001, 30, 60_000);
        admit("h1", "k1", small.replace("]}", ",") + large.substring(large.indexOf("[{") + 1));
        fixture.carryAll(lane(fixture.lanternRock));
        assertThat(fixture.lanternRock.seqs()).hasSize(1_030).isSorted().doesNotHaveDuplicates();
        assertThat(fixture.lanternRock.kept).hasSize(2).allSatisfy(RoundTest::isOfBoundedSize);
        assertDelivered(1_030);
    }

    @Test
    void aBatchThatIsLargeForItsBlanksAloneIsDelivered() throws Exception {
        admit("h1", "k1", messages(1, 3).replace("[{", "[" + " ".repeat(2 << 20) + "{"));
        fixture.carryAll(lane(fixture.lanternRock));
        assertThat(fixture.lanternRock.seqs()).containsExactly(1L, 2L, 3L);
        assertDelivered(3);
    }

    private static void isOfBoundedSize(Delivery delivery) {
        long payloads = delivery.records().stream()
                .mapToLong(record -> String.valueOf(record.attachment()).length())
                .sum();
        assertThat(payloads).isLessThanOrEqualTo(1 << 20);
    }

    @Test
    void whatWasTakenInPartBehindABatchThatHasToWaitIsNotSentAgainAndItsLetterIsWrittenInTurn() throws Exception {
        admit("h1", "k1", messages(1, 1));
        admit("h2", "k2", batch(event(11, "session_begin", "\"name\":\"startup\"")));
        admit("h2", "k3", batch(message(12), message(13), message(14)));
        admit("h2", "k4", batch(event(15, "session_end", "")));
        var others = new CountDownLatch(3);
        var refusals = new AtomicInteger(2);
        Lane lane = lane(delivery -> {
            if (seqs(delivery).equals("[1]")) {
                others.await();
                return refusals.getAndDecrement() > 0 ? LATER : new Receipt.Delivered();
            }
            others.countDown();
            return seqs(delivery).equals("[12, 13, 14]")
                    ? new Receipt.KeptInPart(2, 200, "two are bad")
                    : new Receipt.Delivered();
        });
        assertThat(lane.step()).isInstanceOf(Step.Wait.class);
        assertThat(lane.step()).isInstanceOf(Step.Wait.class);
        assertThat(fixture.deadLetters(lab)).isEmpty();
        assertDelivered(0);
        assertThat(lane.step()).isEqualTo(new Step.Again());
        assertThat(lane.step()).isEqualTo(new Step.Idle());

        assertThat(asked).containsExactlyInAnyOrder("[1]", "[11]", "[12, 13, 14]", "[15]", "[1]", "[1]");
        assertThat(fixture.deadLetters(lab)).containsExactly("0 partly-refused 200 2");
        Delivery letter = DeliveryJson.read("lab", "k", fixture.letter(lab));
        assertThat(letter.records())
                .extracting(record -> record.segments().seq())
                .containsExactly(12L, 13L, 14L);
        assertThat(letter.sessions()).extracting(Session::name).containsExactly("startup");
        assertDelivered(4);
    }

    @Test
    void aLargeBatchWithAPoisonedRecordLosesThatOneOnlyAndKeepsItsSession() throws Exception {
        String filling = "x".repeat(60_000);
        var events = new String[40];
        events[0] = event(1, "session_begin", "\"name\":\"startup\"");
        for (int i = 1; i < events.length; i++) {
            events[i] = event(i + 1, "message", "\"name\":\"m\",\"payload\":{\"t\":\"" + filling + "\"}");
        }
        events[39] = event(40, "session_end", "");
        fixture.lanternRock.poison.add(23L);
        admit("h1", "k1", batch(events));
        fixture.carryAll(lane(fixture.lanternRock));
        assertThat(fixture.lanternRock.seqs()).hasSize(39).isSorted().doesNotContain(23L);
        assertThat(fixture.lanternRock.records())
                .allSatisfy(record -> assertThat(record.session()).isNotNull());
        assertThat(fixture.deadLetters(lab)).containsExactly("23 refused 422 1");
    }

    private void assertDelivered(int events) {
        Totals totals = fixture.rooms.ledger.of(lab.id());
        assertThat(totals.delivered()).isEqualTo(events);
        assertThat(totals.imbalance()).isZero();
    }
}
