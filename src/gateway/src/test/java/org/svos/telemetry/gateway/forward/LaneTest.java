package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.svos.telemetry.gateway.forward.LaneFixture.batch;
import static org.svos.telemetry.gateway.forward.LaneFixture.event;
import static org.svos.telemetry.gateway.forward.LaneFixture.message;
import static org.svos.telemetry.gateway.forward.LaneFixture.messages;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.forward.ScriptedLanternRock.Act;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Delivery.Application;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.Session;
import org.svos.telemetry.lanternrock.TelemetryRecord;

/** A lane against a scripted Lantern Rock. */
class LaneTest {

    private static final Application HELLO = new Application("hello", "1.0.0");

    @TempDir
    Path data;

    private LaneFixture fixture;
    private ScriptedLanternRock lanternRock;
    private Database lab;
    private Lane lane;

    /** Those of whatever store. */
    Rooms rooms(InstantSource clock) {
        return new Rooms(data, clock);
    }

    @BeforeEach
    void open() {
        fixture = new LaneFixture(this::rooms);
        lanternRock = fixture.lanternRock;
        lab = fixture.register("lab");
        lane = new Lane(lab.id(), fixture.shared);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void theSeedsExampleArrivesWithApplicationAndSession() throws Exception {
        fixture.admit(
                lab,
                "k1",
                batch(
                        event(1, "register", "\"name\":\"hello\",\"version\":\"1.0.0\""),
                        event(2, "session_begin", "\"name\":\"startup\""),
                        event(3, "message", "\"name\":\"loaded\",\"payload\":\"{ hello_world: false }\""),
                        event(4, "session_end", ""),
                        event(5, "unregister", "")));
        fixture.carryAll(lane);

        Delivery delivery = lanternRock.kept.getFirst();
        assertThat(lanternRock.kept).hasSize(1);
        assertThat(delivery.application()).isEqualTo(HELLO);
        assertThat(delivery.telemetryId()).isEqualTo(fixture.sandbox().value());
        Session startup = delivery.sessions().getFirst();
        assertThat(delivery.sessions())
                .containsExactly(new Session(
                        startup.id(), "startup", Instant.parse("2026-11-22T09:31:02.5Z"), Duration.ofSeconds(2)));
        assertThat(delivery.records())
                .extracting(TelemetryRecord::session)
                .containsExactly(null, startup.id(), startup.id(), startup.id(), null);
        assertThat(delivery.records().get(2).attachment()).isEqualTo("{\"hello_world\":false}");
        assertAllHaveTheirOutcome(5, 0);
    }

    @Test
    void aSessionSpansBatchesAndRestartsAndItsDurationComesWithItsEnd() throws Exception {
        fixture.admit(
                lab,
                "k1",
                batch(
                        event(1, "register", "\"name\":\"hello\",\"version\":\"1.0.0\""),
                        event(2, "session_begin", "\"name\":\"startup\"")));
        fixture.carryAll(lane);
        fixture.admit(lab, "k2", messages(3, 1));
        fixture.carryAll(new Lane(lab.id(), fixture.shared));
        fixture.admit(lab, "k3", batch(event(4, "session_end", ""), message(5)));
        fixture.carryAll(new Lane(lab.id(), fixture.shared));

        assertThat(lanternRock.kept)
                .extracting(delivery -> delivery.sessions().getFirst().name())
                .containsExactly("startup", "startup", "startup");
        assertThat(lanternRock.kept)
                .extracting(delivery -> delivery.sessions().getFirst().duration())
                .containsExactly(null, null, Duration.ofSeconds(2));
        assertThat(lanternRock.kept).extracting(Delivery::application).containsOnly(HELLO);
        assertThat(lanternRock.records().getLast().session()).isNull();
    }

    @Test
    void aSessionWhoseEndNeverComesStaysWithoutADurationWhenTheNextOneBegins() throws Exception {
        fixture.admit(lab, "k1", batch(event(1, "session_begin", "\"name\":\"first\""), message(2)));
        fixture.admit(lab, "k2", batch(event(3, "session_begin", "\"name\":\"second\""), message(4)));
        fixture.admit(lab, "k3", batch(event(5, "unregister", "")));
        fixture.carryAll(lane);
        assertThat(lanternRock.kept)
                .flatExtracting(Delivery::sessions)
                .extracting(session -> session.name() + " " + session.duration())
                .containsExactly("first null", "second null", "second PT2S");
        assertThat(lanternRock.kept.get(0).sessions().getFirst().id())
                .isNotEqualTo(lanternRock.kept.get(1).sessions().getFirst().id());
    }

    @Test
    void aSessionThatNobodyTouchesForAMonthIsForgotten() throws Exception {
        fixture.admit(lab, "k1", batch(event(1, "session_begin", "\"name\":\"startup\"")));
        fixture.carryAll(lane);
        fixture.clock.advance(Streams.KEPT.plus(Duration.ofHours(2)));
        fixture.admit(
                lab,
                "k2",
                batch(event(1, "session_begin", "\"name\":\"other\"")).replace("\"h1\"", "\"h2\""));
        fixture.carryAll(lane);
        fixture.admit(lab, "k3", messages(2, 1));
        fixture.carryAll(lane);
        assertThat(lanternRock.kept.getLast().sessions()).isEmpty();
    }

    @Test
    void streamsOfOtherHostsAndBootsAreOthers() throws Exception {
        fixture.admit(lab, "k1", batch(event(1, "session_begin", "\"name\":\"startup\"")));
        fixture.admit(lab, "k2", messages(2, 1).replace("\"h1\"", "\"h2\""));
        fixture.admit(lab, "k3", messages(3, 1).replace("\"b1\"", "\"b2\""));
        fixture.admit(lab, "k4", messages(4, 1));
        fixture.carryAll(lane);
        assertThat(lanternRock.kept)
                .extracting(delivery -> delivery.records().getFirst().segments().seq() + " in "
                        + delivery.sessions().size())
                .containsExactlyInAnyOrder("1 in 1", "2 in 0", "3 in 0", "4 in 1");
    }

    @Test
    void anApplicationThatTheBatchNamesCountsForAllOfIt() throws Exception {
        String body =
                batch(event(1, "register", "\"name\":\"other\""), message(2), event(3, "unregister", ""), message(4));
        fixture.admit(lab, "k1", "{\"application\":{\"name\":\"hello\",\"version\":\"1.0.0\"}," + body.substring(1));
        fixture.carryAll(lane);
        assertThat(lanternRock.kept).hasSize(1);
        assertThat(lanternRock.kept.getFirst().application()).isEqualTo(HELLO);
    }

    @Test
    void aBatchOfTwoApplicationsGoesOutInParts() throws Exception {
        fixture.admit(
                lab,
                "k1",
                batch(
                        event(1, "register", "\"name\":\"a\""),
                        message(2),
                        event(3, "unregister", ""),
                        event(4, "register", "\"name\":\"b\""),
                        message(5)));
        fixture.carryAll(lane);
        assertThat(lanternRock.kept)
                .extracting(delivery ->
                        delivery.application() + " " + delivery.records().size())
                .containsExactly("Application[name=a, version=null] 3", "Application[name=b, version=null] 2");
        assertThat(lanternRock.kept.getFirst().idempotencyKey()).endsWith("/0-2");
        assertAllHaveTheirOutcome(5, 0);
    }

    @Test
    void manyBatchesAreSettledTogether() throws Exception {
        for (int i = 0; i < 20; i++) {
            fixture.admit(lab, "k" + i, messages(1 + 2 * i, 2));
        }
        assertThat(lane.step()).isEqualTo(new Step.Again());
        assertThat(lane.step()).isEqualTo(new Step.Idle());
        assertThat(lanternRock.kept).hasSize(20);
        assertAllHaveTheirOutcome(40, 0);
    }

    @Test
    void onlyThePoisonedRecordsBecomeDeadLetters() throws Exception {
        lanternRock.poison.addAll(List.of(3L, 17L, 18L));
        fixture.admit(lab, "k1", messages(1, 20));
        fixture.admit(lab, "k2", messages(21, 1));
        fixture.carryAll(lane);
        assertThat(fixture.deadLetters(lab)).containsExactly("3 refused 422 1", "17 refused 422 1", "18 refused 422 1");
        assertThat(lanternRock.seqs()).hasSize(18).isSorted().doesNotContain(3L, 17L, 18L);
        assertAllHaveTheirOutcome(18, 3);
        assertThat(fixture.rooms.meters.get("telemetry.dead.letters").gauge().value())
                .isEqualTo(3);
    }

    @Test
    void aCrashAmongThePartsOfABatchDeliversNoneTwiceThoughLanternRockIsMendedMeanwhile() throws Exception {
        lanternRock.poison.add(7L);
        fixture.admit(lab, "k1", messages(1, 8));
        assertThat(lane.step()).isEqualTo(new Step.Again());
        lanternRock.script.add(Act.KEEP_AND_CRASH);
        assertThat(crashes(lane)).isTrue();
        lanternRock.poison.clear();
        fixture.carryAll(new Lane(lab.id(), fixture.shared));
        assertThat(lanternRock.seqs()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        assertAllHaveTheirOutcome(8, 0);
    }

    @Test
    void aLostAnswerIsAskedForAgainUnderTheSameKey() throws Exception {
        lanternRock.script.addAll(List.of(Act.KEEP_SILENTLY, Act.RETRY));
        fixture.admit(lab, "k1", messages(1, 3));
        fixture.carryAll(lane);
        assertThat(lanternRock.asked).hasSize(3);
        assertThat(lanternRock.asked)
                .extracting(Delivery::idempotencyKey)
                .containsOnly(fixture.sandbox() + "/k1/"
                        + Instant.parse("2026-11-22T09:31:00Z").toEpochMilli());
        assertThat(lanternRock.seqs()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void whatWasDeliveredBeforeAFaultIsSettled() throws Exception {
        lanternRock.script.addAll(List.of(Act.KEEP, Act.CRASH));
        fixture.admit(lab, "k1", messages(1, 1));
        fixture.admit(lab, "k2", messages(2, 1));
        assertThat(crashes(lane)).isTrue();
        assertThat(fixture.rooms.ledger.of(lab.id()).delivered()).isEqualTo(1);
    }

    @Test
    void waitsDoubleUpToTheBoundAndBeginAnewAfterSuccess() throws Exception {
        fixture.admit(lab, "k1", messages(1, 1));
        fixture.admit(lab, "k2", messages(2, 1));
        for (int i = 0; i < 10; i++) {
            lanternRock.script.add(Act.RETRY);
        }
        assertThat(lane.step()).isEqualTo(new Step.Wait(Duration.ofMillis(250)));
        assertThat(lane.step()).isEqualTo(new Step.Wait(Duration.ofMillis(500)));
        for (int i = 0; i < 7; i++) {
            lane.step();
        }
        assertThat(lane.step()).isEqualTo(new Step.Wait(LaneFixture.RETRY_MAX));
        lanternRock.script.addAll(List.of(Act.KEEP, Act.RETRY));
        assertThat(lane.step()).isEqualTo(new Step.Wait(Duration.ofMillis(250)));
    }

    @Test
    void aParkedLaneProbesSlowly() throws Exception {
        fixture.admit(lab, "k1", messages(1, 1));
        lanternRock.script.addAll(List.of(Act.PARK, Act.PARK));
        Duration probe = LaneFixture.PROBE.plusMillis(250);
        assertThat(lane.step()).isEqualTo(new Step.Wait(probe));
        assertThat(lane.step()).isEqualTo(new Step.Wait(probe));
        fixture.carryAll(lane);
        assertThat(lanternRock.seqs()).containsExactly(1L);
    }

    @Test
    void oneDatabaseThatIsRefusedDoesNotHoldUpAnother() throws Exception {
        fixture.admit(lab, "k1", messages(1, 1));
        Database field = fixture.register("field");
        fixture.admit(field, "k1", messages(100, 1));
        lanternRock.script.add(Act.PARK);
        assertThat(lane.step()).isInstanceOf(Step.Wait.class);
        fixture.carryAll(new Lane(field.id(), fixture.shared));
        assertThat(lanternRock.seqs()).containsExactly(100L);
    }

    @Test
    void nothingExpiresUnlessTheDatabaseSaysSo() throws Exception {
        fixture.admit(lab, "k1", messages(1, 2));
        fixture.clock.advance(Duration.ofDays(400));
        fixture.carryAll(lane);
        assertThat(lanternRock.seqs()).containsExactly(1L, 2L);
    }

    @Test
    void whatWaitedLongerThanTheRetentionIsExpired() throws Exception {
        fixture.databases.put(lab.id(), withRetention(Duration.ofHours(1)));
        fixture.admit(lab, "k1", batch(event(1, "session_begin", "\"name\":\"startup\""), message(2)));
        fixture.clock.advance(Duration.ofMinutes(30));
        fixture.admit(lab, "k2", messages(3, 1));
        fixture.clock.advance(Duration.ofMinutes(31));
        fixture.carryAll(lane);
        assertThat(lanternRock.seqs()).containsExactly(3L);
        assertThat(lanternRock.kept.getFirst().sessions()).hasSize(1);
        Totals totals = fixture.rooms.ledger.of(lab.id());
        assertThat(totals.expired()).isEqualTo(2);
        assertThat(totals.imbalance()).isZero();
    }

    @Test
    void whileLanternRockIsLeftInPeaceALaneWaitsWithoutAskingItAndOneWithNothingToDeliverRests() throws Exception {
        fixture.leftInPeace = new Receipt.Retry("down", null);
        assertThat(lane.step()).isInstanceOf(Step.Idle.class);
        assertThat(lane.status()).isEqualTo(LaneStatus.OPEN);
        fixture.admit(lab, "k1", messages(1, 1));
        assertThat(lane.step()).isEqualTo(new Step.Wait(Duration.ofMillis(250)));
        assertThat(lane.step()).isEqualTo(new Step.Wait(Duration.ofMillis(500)));
        assertThat(lane.status().why()).isEqualTo("down");
        assertThat(lanternRock.asked).isEmpty();
        fixture.leftInPeace = null;
        fixture.carryAll(lane);
        assertThat(lanternRock.seqs()).containsExactly(1L);
    }

    @Test
    void aLaneThatWaitsWhileLanternRockIsLeftInPeaceLooksNowAndThenWhetherAnythingIsLeft() throws Exception {
        fixture.leftInPeace = new Receipt.Retry("down", null);
        fixture.admit(lab, "k1", messages(1, 1));
        assertThat(lane.step()).isInstanceOf(Step.Wait.class);
        fixture.rooms.store.write(tx -> fixture.rooms.spool.discard(tx, lab.id(), "owner"));
        for (int i = 1; i < 8; i++) {
            // The store is not asked.
            assertThat(lane.step()).isInstanceOf(Step.Wait.class);
        }
        assertThat(lane.step()).isInstanceOf(Step.Idle.class);
        assertThat(lane.status()).isEqualTo(LaneStatus.OPEN);
    }

    @Test
    void aParkedLaneStaysParkedWhileLanternRockIsLeftInPeace() throws Exception {
        fixture.admit(lab, "k1", messages(1, 1));
        lanternRock.script.addAll(List.of(Act.PARK, Act.PARK));
        lane.step();
        assertThat(lane.status().state()).isEqualTo(LaneStatus.State.PARKED);
        fixture.leftInPeace = new Receipt.Retry("down", null);
        lane.step();
        assertThat(lane.status().state()).isEqualTo(LaneStatus.State.PARKED);
        assertThat(lane.status().status()).isEqualTo(403);
    }

    @Test
    void whatWaitsTooLongExpiresWhileLanternRockIsLeftInPeaceToo() throws Exception {
        fixture.databases.put(lab.id(), withRetention(Duration.ofHours(1)));
        fixture.admit(lab, "k1", messages(1, 2));
        fixture.clock.advance(Duration.ofMinutes(61));
        fixture.leftInPeace = new Receipt.Retry("down", null);
        fixture.carryAll(lane);
        assertThat(fixture.rooms.ledger.of(lab.id()).expired()).isEqualTo(2);
        assertThat(lanternRock.asked).isEmpty();
    }

    @Test
    void aBodyThatCannotBeReadIsADeadLetterAndHoldsNothingUp() throws Exception {
        fixture.rooms.admission.admit(Rooms.batch(lab, fixture.sandbox(), "k1", "{\"events\":[", 3));
        fixture.rooms.admission.admit(Rooms.batch(lab, fixture.sandbox(), "k2", messages(1, 2), 3));
        fixture.admit(lab, "k3", messages(5, 1));
        fixture.carryAll(lane);
        assertThat(lanternRock.seqs()).containsExactly(5L);
        assertThat(fixture.deadLetters(lab)).containsExactly("0 unreadable 0 3", "0 unreadable 0 3");
        assertAllHaveTheirOutcome(1, 6);
    }

    @Test
    void whatIsDiscardedWhileItIsOnItsWayIsCountedOnce() throws Exception {
        fixture.admit(lab, "k1", messages(1, 2));
        lanternRock.script.add(Act.RETRY);
        lane.step();
        fixture.rooms.store.write(tx -> fixture.rooms.spool.discard(tx, lab.id(), ""));
        fixture.carryAll(lane);
        Totals totals = fixture.rooms.ledger.of(lab.id());
        assertThat(totals.discarded()).isEqualTo(2);
        assertThat(totals.imbalance()).isZero();
    }

    @Test
    void aLaneOfADatabaseThatIsGoneEnds() throws Exception {
        fixture.admit(lab, "k1", messages(1, 1));
        fixture.databases.remove(lab.id());
        assertThat(lane.step()).isEqualTo(new Step.Idle());
    }

    private static boolean crashes(Lane lane) throws InterruptedException {
        try {
            lane.step();
            return false;
        } catch (ScriptedLanternRock.Crash e) {
            return true;
        }
    }

    private Database withRetention(Duration retention) {
        return new Database(
                lab.id(),
                lab.name(),
                lab.owner(),
                lab.description(),
                lab.state(),
                lab.quota(),
                retention,
                lab.revision(),
                lab.createdAt(),
                lab.changedAt());
    }

    private void assertAllHaveTheirOutcome(int delivered, int dead) {
        Totals totals = fixture.rooms.ledger.of(lab.id());
        assertThat(totals.delivered()).isEqualTo(delivered);
        assertThat(totals.deadLettered()).isEqualTo(dead);
        assertThat(totals.waiting()).isZero();
        assertThat(totals.imbalance()).isZero();
    }
}
