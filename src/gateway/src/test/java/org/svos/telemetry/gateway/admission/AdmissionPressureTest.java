package org.svos.telemetry.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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
import org.svos.telemetry.gateway.store.Store;

/** Admission with many clients at once, and with a store that is slow, full or at fault. */
class AdmissionPressureTest {

    private static final SandboxId SANDBOX = Rooms.sandbox(1);
    private static final int QUEUE = 4;
    private static final int LIMIT = 20_000;

    @TempDir
    Path data;

    private final SetClock clock = new SetClock(Instant.parse("2026-11-22T10:00:00Z"));
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private Rooms rooms;
    private Database database;

    @BeforeEach
    void open() {
        open(Rooms.SETTINGS);
    }

    private void open(AdmissionSettings settings) {
        rooms = new Rooms(data, clock, settings);
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
        CountDownLatch blocking = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CompletableFuture<Void> slow = CompletableFuture.runAsync(() -> rooms.store.write(tx -> {
            blocking.countDown();
            await(release);
            return null;
        }));
        blocking.await();
        Future<Outcome> taken = bring("taken");
        untilTheWriterWaitsForTheStore();
        List<Future<Outcome>> waiting = new ArrayList<>();
        for (int i = 0; i < QUEUE + 3; i++) {
            waiting.add(bring("waiting-" + i));
        }
        for (Future<Outcome> answer : waiting) {
            assertThat(answer.get()).isEqualTo(new Unavailable(Unavailable.Cause.OVERLOADED));
        }
        release.countDown();
        slow.join();

        assertThat(taken.get()).isInstanceOf(Outcome.Accepted.class);
        assertThat(admit("after", "body")).isInstanceOf(Outcome.Accepted.class);
        assertThat(rooms.spool.next(database.id(), 0, 100, 1 << 20))
                .extracting("key")
                .containsExactly("taken", "after");
    }

    /** The writer has a group then, and the queue is empty. */
    private static void untilTheWriterWaitsForTheStore() throws InterruptedException {
        while (Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().equals("admission"))
                .flatMap(thread -> Arrays.stream(thread.getValue()))
                .noneMatch(frame -> frame.getMethodName().equals("write")
                        && frame.getClassName().equals(Store.class.getName()))) {
            Thread.sleep(5);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFullStoreIsToldAndTakesBatchesAgainWhenThereIsRoom() {
        limitPages(120);
        String body = "x".repeat(700);
        Outcome outcome = null;
        int accepted = 0;
        for (int i = 0; i < 1_000 && !(outcome instanceof Outcome.SpoolFull); i++) {
            outcome = rooms.admission.admit(big(i, body));
            accepted += outcome instanceof Outcome.Accepted ? 1 : 0;
        }
        assertThat(outcome).isEqualTo(new Outcome.SpoolFull());
        assertThat(accepted).isPositive();
        assertThat(rooms.ledger.of(database.id()).accepted()).isEqualTo(accepted);
        limitPages(100_000);

        assertThat(rooms.admission.admit(big(1_001, body))).isInstanceOf(Outcome.Accepted.class);
        assertThat(rooms.ledger.of(database.id()).imbalance()).isZero();
    }

    private Batch big(int key, String body) {
        Database generous =
                Rooms.database(database.id(), "lab", new Quota(Quota.MAX, 1, 1_000_000, Quota.Mode.ENFORCE));
        return Rooms.batch(generous, SANDBOX, "k" + key, body, 1);
    }

    private void limitPages(int pages) {
        rooms.store.write(tx -> tx.statement("pragma max_page_count = " + pages).execute());
    }

    @Test
    void aDiskWithLessThanTheReserveIsToldAsFull() {
        reopenWith(QUEUE, Duration.ofSeconds(1), DataSize.ofTerabytes(1_000));

        assertThat(admit("k1", "body")).isEqualTo(new Outcome.SpoolFull());
    }

    @Test
    void aBatchThatBreaksItsTransactionIsAloneWithThat() throws Exception {
        rooms.store.write(tx -> tx.connection()
                .createStatement()
                .execute("create trigger poison before insert on spool when new.key = 'poison'"
                        + " begin select raise(abort, 'poisoned'); end"));
        List<Future<Outcome>> sound = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch blocking = new CountDownLatch(1);
        CompletableFuture<Void> slow = CompletableFuture.runAsync(() -> rooms.store.write(tx -> {
            begun.countDown();
            await(blocking);
            return null;
        }));
        await(begun);
        Future<Outcome> poison = bring("poison");
        for (int i = 0; i < 10; i++) {
            sound.add(bring("sound-" + i));
        }
        untilTheWriterWaitsForTheStore();
        blocking.countDown();
        slow.join();

        assertThat(poison.get()).isEqualTo(new Unavailable(Unavailable.Cause.STORE));
        for (Future<Outcome> answer : sound) {
            assertThat(answer.get()).isInstanceOf(Outcome.Accepted.class);
        }
        assertThat(rooms.ledger.of(database.id()).accepted()).isEqualTo(10);
        assertThat(rooms.ledger.of(database.id()).imbalance()).isZero();
    }

    @Test
    void anErrorInAGroupRefusesThatGroupAndNoLaterOne() {
        Batch broken = new Batch(
                SANDBOX,
                database,
                "k1",
                new byte[32],
                Encoding.IDENTITY,
                new byte[1],
                1,
                Rooms.summary(null, null, 1, 1, new OutOfMemory()));

        assertThat(rooms.admission.admit(broken)).isEqualTo(new Unavailable(Unavailable.Cause.STORE));
        assertThat(admit("k2", "body")).isInstanceOf(Outcome.Accepted.class);
        assertThat(rooms.ledger.of(database.id()).accepted()).isEqualTo(1);
        assertThat(rooms.ledger.of(database.id()).imbalance()).isZero();
    }

    /** Rejected events that there is no memory to look at. */
    private static final class OutOfMemory extends AbstractList<Rejection> {
        @Override
        public Rejection get(int index) {
            throw new OutOfMemoryError("said by a test");
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
