package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.event.Rejection;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.admission.Outcome.Unavailable;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Encoding;

/** Admission with many clients at once, and with a store that is slow, full or at fault. */
class AdmissionPressureTest {

    private static final SandboxId SANDBOX = Rooms.sandbox(1);
    private static final int QUEUE = 4;
    private static final int LIMIT = 20_000;

    @TempDir
    Path data;

    private final SetClock clock = new SetClock(Instant.parse("2026-11-22T10:00:00Z"));
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final GateDisk disk = new GateDisk();
    private Rooms rooms;
    private Database database;

    @BeforeEach
    void open() {
        open(Rooms.SETTINGS);
    }

    private void open(AdmissionSettings settings) {
        rooms = new Rooms(data, clock, settings, disk);
        database = rooms.register("lab", new Quota(LIMIT, 1, 1_000_000, Quota.Mode.ENFORCE), SANDBOX);
    }

    private void reopenWith(int queueBatches, Duration maxWait, DataSize reserve) {
        rooms.close();
        open(new AdmissionSettings(queueBatches, DataSize.ofMegabytes(64), 256, maxWait, reserve, Duration.ofDays(7)));
    }

    @AfterEach
    void close() {
        clients.close();
        rooms.close();
    }

    private Outcome admit(String key, String body) {
        return rooms.admission.admit(Rooms.batch(database, SANDBOX, key, body, 1));
    }

    private Future<Outcome> bring(String key) {
        return clients.submit(() -> admit(key, "body"));
    }

    @Test
    void ofManyWithTheSameKeyAtOnceOneIsAcceptedAndTheOthersAreInUseOrReplayed() throws Exception {
        List<Future<Outcome>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(bring("same"));
        }
        int accepted = 0;
        for (Future<Outcome> answer : answers) {
            switch (answer.get()) {
                case Outcome.Accepted first -> accepted++;
                case Outcome.Replayed replayed ->
                    assertThat(replayed.accepted()).isEqualTo(1);
                case Outcome outcome -> assertThat(outcome).isInstanceOf(Outcome.KeyInUse.class);
            }
        }
        assertThat(accepted).isEqualTo(1);
        assertThat(rooms.spool.next(database.id(), 0, 100, 1 << 20)).hasSize(1);
    }

    @Test
    void aSlowStoreOverloadsAtTheQueuesBoundAndWhatWaitedTooLongIsNotKept() throws Exception {
        reopenWith(QUEUE, Duration.ofSeconds(1), DataSize.ofMegabytes(1));
        disk.hold();
        Future<Outcome> taken = bring("taken");
        disk.awaitHeld();
        List<Future<Outcome>> waiting = new ArrayList<>();
        for (int i = 0; i < QUEUE + 3; i++) {
            waiting.add(bring("waiting-" + i));
        }
        for (Future<Outcome> answer : waiting) {
            assertThat(answer.get()).isEqualTo(new Unavailable(Unavailable.Cause.OVERLOADED));
        }
        disk.release();

        assertThat(taken.get()).isInstanceOf(Outcome.Accepted.class);
        assertThat(admit("after", "body")).isInstanceOf(Outcome.Accepted.class);
        assertThat(rooms.spool.next(database.id(), 0, 100, 1 << 20))
                .extracting("key")
                .containsExactly("taken", "after");
    }

    @Test
    void aFullDiskIsToldAndTakesBatchesAgainWhenThereIsRoom() {
        String body = "x".repeat(50_000);
        assertThat(rooms.admission.admit(big(0, body))).isInstanceOf(Outcome.Accepted.class);
        disk.full(true);
        Outcome outcome = null;
        int accepted = 1;
        for (int i = 1; i < 1_000 && !(outcome instanceof Outcome.SpoolFull); i++) {
            outcome = rooms.admission.admit(big(i, body));
            accepted += outcome instanceof Outcome.Accepted ? 1 : 0;
        }
        assertThat(outcome).isEqualTo(new Outcome.SpoolFull());
        assertThat(accepted).isGreaterThan(10);
        assertThat(rooms.ledger.of(database.id()).accepted()).isEqualTo(accepted);
        disk.full(false);

        assertThat(rooms.admission.admit(big(1_001, body))).isInstanceOf(Outcome.Accepted.class);
        assertThat(rooms.ledger.of(database.id()).imbalance()).isZero();
    }

    @Test
    void whatASyncFailedForIsNotKeptThoughItsBytesHadComeToTheDisk() {
        assertThat(admit("before", "body")).isInstanceOf(Outcome.Accepted.class);
        disk.broken(true);
        assertThat(admit("failed", "body")).isEqualTo(new Unavailable(Unavailable.Cause.STORE));
        disk.broken(false);
        assertThat(admit("after", "body")).isInstanceOf(Outcome.Accepted.class);
        assertThat(admit("failed", "other")).isInstanceOf(Outcome.Accepted.class);
        rooms.close();
        open();

        assertThat(rooms.spool.next(database.id(), 0, 100, 1 << 20))
                .extracting("key")
                .containsExactly("before", "after", "failed");
        assertThat(rooms.ledger.of(database.id()).imbalance()).isZero();
    }

    private Batch big(int key, String body) {
        Database generous =
                Rooms.database(database.id(), "lab", new Quota(Quota.MAX, 1, 1_000_000, Quota.Mode.ENFORCE));
        return Rooms.batch(generous, SANDBOX, "k" + key, body, 1);
    }

    @Test
    void aDiskWithLessThanTheReserveIsToldAsFull() {
        reopenWith(QUEUE, Duration.ofSeconds(1), DataSize.ofTerabytes(1_000));

        assertThat(admit("k1", "body")).isEqualTo(new Outcome.SpoolFull());
    }

    @Test
    void aBatchThatBreaksItsGroupIsAloneWithThat() throws Exception {
        disk.hold();
        Future<Outcome> first = bring("first");
        disk.awaitHeld();
        Future<Outcome> poison =
                clients.submit(() -> rooms.admission.admit(broken(new IllegalStateException("poison"))));
        List<Future<Outcome>> sound = new ArrayList<>(List.of(first));
        for (int i = 0; i < 10; i++) {
            sound.add(bring("sound-" + i));
        }
        Thread.sleep(50);
        disk.release();

        assertThat(poison.get()).isEqualTo(new Unavailable(Unavailable.Cause.STORE));
        for (Future<Outcome> answer : sound) {
            assertThat(answer.get()).isInstanceOf(Outcome.Accepted.class);
        }
        assertThat(rooms.ledger.of(database.id()).accepted()).isEqualTo(11);
        assertThat(rooms.ledger.of(database.id()).imbalance()).isZero();
    }

    private Batch broken(Throwable fault) {
        return new Batch(
                SANDBOX,
                database,
                "broken",
                new byte[32],
                Encoding.IDENTITY,
                new byte[1],
                1,
                Rooms.summary(null, null, 1, 1, new Faulty(fault)),
                null);
    }

    @Test
    void anErrorInAGroupRefusesThatGroupAndNoLaterOne() {
        Outcome outcome = rooms.admission.admit(broken(new OutOfMemoryError("said by a test")));

        assertThat(outcome).isEqualTo(new Unavailable(Unavailable.Cause.STORE));
        assertThat(admit("k2", "body")).isInstanceOf(Outcome.Accepted.class);
        assertThat(rooms.ledger.of(database.id()).accepted()).isEqualTo(1);
        assertThat(rooms.ledger.of(database.id()).imbalance()).isZero();
    }

    /** Rejected events that cannot be looked at. */
    private static final class Faulty extends AbstractList<Rejection> {

        private final Throwable fault;

        Faulty(Throwable fault) {
            this.fault = fault;
        }

        @Override
        public Rejection get(int index) {
            if (fault instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(fault);
        }

        @Override
        public int size() {
            return 1;
        }
    }

    @Test
    void closingDecidesOnWhatWaitsAndRefusesTheRest() throws Exception {
        List<Future<Outcome>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            answers.add(bring("k" + i));
        }
        rooms.admission.close();
        int accepted = 0;
        for (Future<Outcome> answer : answers) {
            switch (answer.get()) {
                case Outcome.Accepted kept -> accepted++;
                case Outcome outcome -> assertThat(outcome).isEqualTo(new Unavailable(Unavailable.Cause.DRAINING));
            }
        }
        assertThat(rooms.ledger.of(database.id()).accepted()).isEqualTo(accepted);
    }
}
