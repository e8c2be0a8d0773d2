package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A 202 leaves the gateway after its batch is on the disk: seen from below, on a {@link WatchedDisk}. Batch n has the key
 * {@code proof-k00000n}, which its answer repeats, and {@code proof-b00000n} in its body.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DurableAnswerIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration DELIVERY = Duration.ofSeconds(90);

    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Queue<Integer> acknowledged = new ConcurrentLinkedQueue<>();
    private WatchedDisk disk;
    private LanternRockStandIn lanternRock;
    private Gateway gateway;
    private Registered database;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Path real = folder.toRealPath();
        disk = new WatchedDisk(real.resolve("gateway"), Files.createDirectory(real.resolve("disk")));
        lanternRock = new LanternRockStandIn(real);
        Map<String, String> settings = new TreeMap<>(disk.environment());
        settings.put("TELEMETRY_JOURNAL_SEGMENT_SIZE", "1MB"); // So that many begin, and are used again.
        gateway = new Gateway(real, lanternRock.url(), Child.java("256m", Build.GATEWAY), settings);
        gateway.awaitReady();
        database = gateway.register("proof", "\"size\": \"large\"");
    }

    @AfterEach
    void heal() {
        disk.heal();
    }

    @AfterAll
    void stop() {
        clients.close();
        if (gateway != null) {
            gateway.close();
        }
        if (lanternRock != null) {
            lanternRock.close();
        }
    }

    private static String key(int number) {
        return "proof-k%06d".formatted(number);
    }

    private static String body(int number) {
        return "proof-b%06d".formatted(number);
    }

    private Http.Answer post(int number) {
        return database.post(key(number), """
                {"events": [{"seq": %d, "kind": "message", "name": "kept", "time": "2026-11-22T09:31:00Z", \
                "payload": {"body": "%s"}}]}""".formatted(number, body(number)));
    }

    /** Posts new batches, all at once; the answers by their numbers. */
    private Map<Integer, Future<Http.Answer>> postTogether(int count) {
        Map<Integer, Future<Http.Answer>> answers = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            int number = numbers.incrementAndGet();
            answers.put(number, clients.submit(() -> post(number)));
        }
        return answers;
    }

    private static void assertAllAnswered(int status, Map<Integer, Future<Http.Answer>> answers) throws Exception {
        for (Future<Http.Answer> answer : answers.values()) {
            assertThat(answer.get().status()).as(answer.get().body()).isEqualTo(status);
            if (status >= 500) {
                assertThat(answer.get().headers()).containsKey("Retry-After");
            }
        }
    }

    private void postAgainUntilKept(Set<Integer> batches) {
        for (int number : batches) {
            Eventually.within(SOON, () -> assertThat(post(number).status()).isIn(200, 202));
            acknowledged.add(number);
        }
    }

    /** Every batch that was ever said to be kept was on the disk when that began to be said. */
    private void assertNoAnswerCameBeforeItsSync() {
        DiskLog log = disk.log();
        for (int number = 1; number <= numbers.get(); number++) {
            long durableAt = log.durableAt(body(number));
            log.toldKept(key(number)).ifPresent(at -> assertThat(durableAt).isLessThan(at));
        }
        for (int number : acknowledged) {
            assertThat(log.toldKept(key(number))).isPresent();
        }
    }

    @Test
    void noAnswerComesWhileTheSyncIsHeldUp() throws Exception {
        disk.holdSyncs();
        Map<Integer, Future<Http.Answer>> answers = postTogether(16);
        Thread.sleep(3_000);
        assertThat(answers.values()).noneMatch(Future::isDone);
        assertThat(answers.keySet())
                .allMatch(number -> disk.log().toldKept(key(number)).isEmpty());

        disk.heal();
        assertAllAnswered(202, answers);
        acknowledged.addAll(answers.keySet());
        assertNoAnswerCameBeforeItsSync();
    }

    @Test
    void underLoadEachAnswerFollowsASyncThatBeganAfterItsBatchWasWrittenAndManyShareOne() throws Exception {
        disk.slowSyncs(Duration.ofMillis(5));
        AtomicInteger left = new AtomicInteger(1_600);
        long began = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int client = 0; client < 64; client++) {
            running.add(clients.submit(() -> {
                while (left.getAndDecrement() > 0) {
                    int number = numbers.incrementAndGet();
                    Http.Answer answer = post(number);
                    assertThat(answer.status()).as(answer.body()).isEqualTo(202);
                    acknowledged.add(number);
                }
            }));
        }
        for (Future<?> client : running) {
            client.get();
        }
        long syncs = disk.log().syncs(began, System.nanoTime());
        System.out.printf("1600 answers after %d syncs%n", syncs);
        assertThat(syncs).isBetween(1_600L / 64, 1_600L - 1);
        assertNoAnswerCameBeforeItsSync();
    }

    @Test
    void aBatchWhoseSyncFailedIsRefusedAndALaterSyncDoesNotMakeItKept() throws Exception {
        disk.failSyncs(WatchedDisk.EIO);
        Map<Integer, Future<Http.Answer>> refused = postTogether(8);
        assertAllAnswered(503, refused);
        disk.heal();

        postAgainUntilKept(refused.keySet());
        assertNoAnswerCameBeforeItsSync();
        cutPower();
        gateway.startAgain();
        assertEachIsDeliveredOnce();
    }

    @Test
    void aFullDiskIsToldAndBatchesAreTakenAgainWhenThereIsRoom() throws Exception {
        disk.failWrites(WatchedDisk.ENOSPC);
        Map<Integer, Future<Http.Answer>> refused = postTogether(8);
        assertAllAnswered(507, refused);
        disk.heal();

        postAgainUntilKept(refused.keySet());
        assertNoAnswerCameBeforeItsSync();
        assertEachIsDeliveredOnce();
    }

    @Test
    void whatAKilledGatewayHadNotSyncedIsToldKeptOnlyOnceItIsSynced() throws Exception {
        Map<Integer, Future<Http.Answer>> unanswered = postWhileSyncsAreHeld();
        for (int i = 0; i < 3 && !isAnyWrittenSoon(unanswered.keySet()); i++) {
            // A new file of the journal was just due, and its own sync was held up: another time then.
            disk.heal();
            assertAllAnswered(202, unanswered);
            acknowledged.addAll(unanswered.keySet());
            unanswered = postWhileSyncsAreHeld();
        }
        assertThat(isAnyWrittenSoon(unanswered.keySet())).isTrue();
        gateway.kill();
        disk.heal();
        gateway.startAgain();

        postAgainUntilKept(unanswered.keySet());
        assertNoAnswerCameBeforeItsSync();
        cutPower();
        gateway.startAgain();
        assertEachIsDeliveredOnce();
    }

    private Map<Integer, Future<Http.Answer>> postWhileSyncsAreHeld() {
        disk.holdSyncs();
        return postTogether(4);
    }

    private boolean isAnyWrittenSoon(Set<Integer> batches) throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            DiskLog log = disk.log();
            if (batches.stream().anyMatch(number -> log.isWritten(body(number)))) {
                return true;
            }
            Thread.sleep(100);
        }
        return false;
    }

    @Test
    void aPowerCutUnderLoadWithFailingSyncsLosesNothingThatWasAcknowledged() throws Exception {
        disk.keepEarly(30);
        for (int round = 0; round < 2; round++) {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < 16; client++) {
                running.add(clients.submit(this::postUntilGone));
            }
            for (int i = 0; i < 5; i++) {
                Thread.sleep(ThreadLocalRandom.current().nextLong(50, 200));
                disk.failSyncs(WatchedDisk.EIO);
                Thread.sleep(ThreadLocalRandom.current().nextLong(10, 50));
                disk.heal();
            }
            int before = acknowledged.size();
            Eventually.within(SOON, () -> assertThat(acknowledged.size()).isGreaterThan(before + 100));
            cutPower();
            for (Future<?> client : running) {
                client.get();
            }
            gateway.startAgain();
        }
        assertNoAnswerCameBeforeItsSync();
        assertEachIsDeliveredOnce();
    }

    @Test
    void whatWasMovedOutOfTheJournalOutlivesAPowerCut() throws Exception {
        lanternRock.stop();
        try {
            Set<String> seen = new TreeSet<>();
            while (seen.size() < 10) {
                // A sync that fails ends a segment.
                disk.failSyncs(WatchedDisk.EIO);
                Map<Integer, Future<Http.Answer>> refused = postTogether(1);
                assertAllAnswered(503, refused);
                disk.heal();
                postAgainUntilKept(refused.keySet());
                seen.addAll(segments());
            }
            Eventually.within(
                    SOON, () -> assertThat(segments().containsAll(seen)).isFalse());
            cutPower();
        } finally {
            lanternRock.startAgain();
        }
        gateway.startAgain();
        assertEachIsDeliveredOnce();
    }

    private Set<String> segments() {
        try (Stream<Path> files = Files.list(gateway.data().resolve("journal"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".segment"))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void postUntilGone() {
        try {
            while (true) {
                int number = numbers.incrementAndGet();
                Http.Answer answer = post(number);
                if (answer.status() == 202) {
                    acknowledged.add(number);
                } else {
                    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                }
            }
        } catch (UncheckedIOException _) {
            // The power was cut: no promise was made on this one.
        }
    }

    private void cutPower() {
        gateway.kill();
        disk.cutPower();
    }

    private void assertEachIsDeliveredOnce() {
        Eventually.within(
                DELIVERY,
                () -> assertThat(gateway.ledger("proof").path("waiting").asLong())
                        .isZero());
        assertThat(gateway.ledger("proof").path("imbalance").asLong()).isZero();
        List<Integer> delivered = lanternRock.records("proof").stream()
                .map(line -> line.path("seq").asInt())
                .toList();
        assertThat(delivered)
                .doesNotHaveDuplicates()
                .containsAll(acknowledged)
                .allMatch(number -> number >= 1 && number <= numbers.get());
    }
}
