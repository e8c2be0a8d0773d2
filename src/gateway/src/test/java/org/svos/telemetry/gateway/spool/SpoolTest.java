package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

class SpoolTest {

    private static final long ONE = 1;
    private static final long TWO = 2;

    @TempDir
    Path data;

    private Rooms rooms;
    private Spool spool;

    @BeforeEach
    void open() {
        rooms = new Rooms(data);
        spool = rooms.spool;
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    private static SpooledBatch batch(long databaseId, String key, int events) {
        return new SpooledBatch(
                0,
                databaseId,
                Rooms.sandbox(1),
                key,
                Instant.ofEpochMilli(1_000),
                events,
                10,
                new PayloadLimits(events, events + 1),
                Encoding.GZIP,
                key.getBytes(StandardCharsets.UTF_8));
    }

    private void append(SpooledBatch... batches) {
        rooms.append(List.of(batches));
    }

    private List<String> keys(long databaseId, long after) {
        return spool.next(databaseId, after, 100, 1 << 20).stream()
                .map(SpooledBatch::key)
                .toList();
    }

    private void pass(long databaseId, long position, int delivered) {
        rooms.store.write(tx -> {
            spool.pass(tx, databaseId, position);
            rooms.ledger.add(tx, databaseId, Account.DELIVERED, Ledger.NO_REASON, delivered, 0);
            return null;
        });
    }

    private double gauge(String name) {
        return rooms.meters.get(name).gauge().value();
    }

    @Test
    void aLaneReadsItsOwnBatchesInOrder() {
        append(batch(ONE, "a", 1), batch(TWO, "b", 1), batch(ONE, "c", 1));
        append(batch(ONE, "d", 1));

        assertThat(keys(ONE, 0)).containsExactly("a", "c", "d");
        assertThat(keys(TWO, 0)).containsExactly("b");
        assertThat(keys(ONE, spool.next(ONE, 0, 1, 1).getFirst().position())).containsExactly("c", "d");
    }

    @Test
    void aBatchIsReadAsItWasAppended() {
        SpooledBatch first = batch(ONE, "a", 1);
        SpooledBatch last = new SpooledBatch(
                0,
                ONE,
                Rooms.sandbox(2),
                "b",
                Instant.ofEpochMilli(1_000),
                10_000,
                1L << 40,
                new PayloadLimits(Integer.MAX_VALUE, (1 << Short.SIZE) - 1),
                Encoding.ZSTD,
                new byte[] {1, 2, 3},
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        append(first, last);

        assertThat(spool.next(ONE, 0, 10, 1_000))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("position")
                .containsExactly(first, last);
    }

    @Test
    void aReadIsBoundedInBatchesAndInBytesButIsNeverEmptyForABigOne() {
        append(batch(ONE, "aaaa", 1), batch(ONE, "bbbb", 1), batch(ONE, "cccc", 1));

        assertThat(spool.next(ONE, 0, 2, 1_000)).hasSize(2);
        assertThat(spool.next(ONE, 0, 10, 9)).hasSize(2);
        assertThat(spool.next(ONE, 0, 10, 1)).hasSize(1);
    }

    @Test
    void noBodyIsReadThatThereIsNoRoomFor() {
        append(batch(ONE, "aaaa", 1), batch(ONE, "bb", 3), batch(ONE, "cccc", 1));
        List<String> asked = new ArrayList<>();
        Room two = (length, bytes, events) -> {
            asked.add(length + " " + events);
            return asked.size() <= 2;
        };

        assertThat(spool.next(ONE, 0, 10, 1_000, two)).hasSize(2);
        assertThat(asked).containsExactly("4 1", "2 3", "4 1");
        assertThat(spool.next(ONE, 0, 10, 1_000, (length, bytes, events) -> false))
                .isEmpty();
    }

    @Test
    void keepersOfLanesAreToldAfterTheCommit() {
        List<Long> told = new ArrayList<>();
        spool.onAppend(told::add);
        append(batch(TWO, "a", 1), batch(ONE, "b", 1), batch(TWO, "c", 1));

        assertThat(told).containsExactly(TWO, ONE);
    }

    @Test
    void whatIsPassedNoLongerWaitsAndIsSweptInSteps() {
        append(batch(ONE, "a", 1));
        append(batch(ONE, "b", 2));
        append(batch(ONE, "c", 4));
        long second = spool.next(ONE, 0, 2, 1_000).getLast().position();
        pass(ONE, second, 3);

        assertThat(spool.cursor(ONE)).isEqualTo(new LaneCursor(second, 0));
        assertThat(rooms.ledger.of(ONE).waiting()).isEqualTo(4);
        assertThat(gauge("telemetry.spool.events")).isEqualTo(4);
        assertThat(gauge("telemetry.spool.bytes")).isEqualTo(10);
        assertThat(keys(ONE, 0)).containsExactly("a", "b", "c");
        assertThat(spool.sweep(1)).isTrue();
        assertThat(spool.sweep(1)).isTrue();
        assertThat(spool.sweep(1)).isFalse();
        assertThat(keys(ONE, 0)).containsExactly("c");
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    @Test
    void aLaneMayStopWithinAPieceAndItIsSweptWhenAllOfItIsPassed() {
        append(batch(ONE, "a", 1), batch(ONE, "b", 2), batch(ONE, "c", 4));
        List<SpooledBatch> batches = spool.next(ONE, 0, 10, 1_000);
        pass(ONE, batches.get(0).position(), 1);
        pass(ONE, batches.get(1).position(), 2);

        assertThat(rooms.ledger.of(ONE).waiting()).isEqualTo(4);
        assertThat(gauge("telemetry.spool.events")).isEqualTo(4);
        assertThat(rooms.ledger.all().imbalance()).isZero();
        assertThat(spool.sweep(10)).isFalse();
        close();
        open();
        assertThat(keys(ONE, spool.cursor(ONE).passed())).containsExactly("c");
        assertThat(gauge("telemetry.spool.events")).isEqualTo(4);
        pass(ONE, batches.get(2).position(), 4);
        assertThat(rooms.ledger.all().imbalance()).isZero();
        assertThat(spool.sweep(10)).isTrue();
        assertThat(gauge("telemetry.spool.bytes")).isZero();
    }

    @Test
    void aPositionIsNeverGivenTwiceThoughItsBatchIsGone() {
        append(batch(ONE, "a", 1));
        long first = spool.next(ONE, 0, 1, 1).getFirst().position();
        pass(ONE, first, 1);
        while (spool.sweep(10)) {
            // Until nothing is left.
        }
        close();
        open();
        append(batch(ONE, "b", 1));

        assertThat(keys(ONE, first)).containsExactly("b");
    }

    @Test
    void aBatchThatIsSettledInPartWaitsWithTheRest() {
        append(batch(ONE, "a", 5), batch(ONE, "b", 1));
        rooms.store.write(tx -> {
            spool.settle(tx, ONE, 3);
            rooms.ledger.add(tx, ONE, Account.DELIVERED, Ledger.NO_REASON, 2, 0);
            rooms.ledger.add(tx, ONE, Account.DEAD_LETTERED, Ledger.NO_REASON, 1, 0);
            return null;
        });
        assertThat(spool.cursor(ONE)).isEqualTo(new LaneCursor(0, 3));
        assertThat(rooms.ledger.of(ONE).waiting()).isEqualTo(3);
        assertThat(rooms.ledger.of(ONE).imbalance()).isZero();
        assertThat(gauge("telemetry.spool.events")).isEqualTo(3);

        pass(ONE, spool.next(ONE, 0, 1, 1).getFirst().position(), 2);
        assertThat(rooms.ledger.of(ONE).waiting()).isEqualTo(1);
        assertThat(rooms.ledger.of(ONE).imbalance()).isZero();
        assertThat(gauge("telemetry.spool.events")).isEqualTo(1);
    }

    @Test
    void aCorruptBatchGoesToQuarantineAndTheRestGoesOn() {
        append(batch(ONE, "a", 1), batch(ONE, "b", 2), batch(ONE, "c", 4));
        corrupt("b");

        assertThat(keys(ONE, 0)).containsExactly("a", "c");
        Totals totals = rooms.ledger.of(ONE);
        assertThat(totals.discarded()).isEqualTo(2);
        assertThat(totals.waiting()).isEqualTo(5);
        assertThat(totals.imbalance()).isZero();
        assertThat(gauge("telemetry.spool.events")).isEqualTo(5);
        assertThat(quarantined()).containsExactly("b corrupt");
    }

    @Test
    void aCorruptBatchThatWasSettledInPartDiscardsOnlyTheRest() {
        append(batch(ONE, "a", 5), batch(ONE, "b", 1));
        rooms.store.write(tx -> {
            spool.settle(tx, ONE, 3);
            rooms.ledger.add(tx, ONE, Account.DELIVERED, Ledger.NO_REASON, 3, 0);
            return null;
        });
        corrupt("a");

        assertThat(keys(ONE, 0)).containsExactly("b");
        Totals totals = rooms.ledger.of(ONE);
        assertThat(totals.discarded()).isEqualTo(2);
        assertThat(totals.waiting()).isEqualTo(1);
        assertThat(totals.imbalance()).isZero();
        assertThat(spool.cursor(ONE).settled()).isZero();
    }

    @Test
    void aSegmentThatCannotBeOpenedNowIsNotTakenForADamagedOne() throws IOException {
        append(batch(ONE, "a", 1), batch(ONE, "b", 2));
        Path segment = data.resolve("journal/0000000000000001.segment");
        Path aside = data.resolve("aside");
        Files.move(segment, aside);
        Files.createSymbolicLink(segment, segment); // fails to open as a lack of file descriptors does, and not as lost
        assertThatThrownBy(() -> keys(ONE, 0)).isInstanceOf(StoreUnavailableException.class);
        Files.delete(segment);
        Files.move(aside, segment);

        assertThat(keys(ONE, 0)).containsExactly("a", "b");
        assertThat(rooms.ledger.of(ONE).discarded()).isZero();
    }

    @Test
    void aLaneOfNothingButCorruptBatchesComesToItsEnd() {
        append(batch(ONE, "a", 1), batch(ONE, "b", 2), batch(ONE, "c", 4));
        corrupt("a");
        corrupt("b");
        corrupt("c");

        assertThat(spool.next(ONE, 0, 1, 1)).isEmpty();
        assertThat(rooms.ledger.of(ONE).discarded()).isEqualTo(7);
    }

    /** Changes a byte of that batch's body where it lies in the journal. */
    private void corrupt(String key) {
        byte[] batch = (Rooms.sandbox(1).value() + key + key).getBytes(StandardCharsets.US_ASCII);
        int found = 0;
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(data.resolve("journal"), "*.segment")) {
            for (Path segment : segments) {
                byte[] bytes = Files.readAllBytes(segment);
                for (int i = 0; i + batch.length <= bytes.length; i++) {
                    if (Arrays.equals(bytes, i, i + batch.length, batch, 0, batch.length)) {
                        bytes[i + batch.length - 1] ^= 1;
                        found++;
                    }
                }
                Files.write(segment, bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(found).isEqualTo(1);
    }

    private List<String> quarantined() {
        return rooms.store.read(tx -> {
            List<String> rows = new ArrayList<>();
            try (var row = tx.statement("select key, reason from quarantine").executeQuery()) {
                while (row.next()) {
                    rows.add(row.getString(1) + " " + row.getString(2));
                }
            }
            return rows;
        });
    }

    @Test
    void aDiscardedDatabaseHasNothingLeftAndItsLedgerSaysSo() {
        append(batch(ONE, "a", 1), batch(TWO, "b", 2), batch(ONE, "c", 4));
        boolean held = rooms.store.write(tx -> spool.holds(tx, ONE, Rooms.sandbox(1)));
        Waiting discarded = rooms.store.write(tx -> spool.discard(tx, ONE, "database-deleted"));

        assertThat(held).isTrue();
        assertThat(discarded).isEqualTo(new Waiting(5, 20));
        assertThat(rooms.store.<Boolean>write(tx -> spool.holds(tx, ONE, Rooms.sandbox(1))))
                .isFalse();
        assertThat(rooms.ledger.of(ONE).discarded()).isEqualTo(5);
        assertThat(rooms.ledger.all().waiting()).isEqualTo(2);
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    @Test
    void anImbalanceIsFoundThoughTheCountersAgree() {
        append(batch(ONE, "a", 3));
        rooms.store.write(tx -> tx.statement("delete from spool").executeUpdate());

        assertThat(rooms.ledger.all().imbalance()).isEqualTo(3);
    }

    @Test
    void theDiskIsGivenBackAfterABacklog() throws IOException {
        byte[] body = new byte[100_000];
        for (int i = 0; i < 20; i++) {
            SpooledBatch[] batches = new SpooledBatch[20];
            for (int j = 0; j < batches.length; j++) {
                batches[j] = new SpooledBatch(
                        0,
                        ONE,
                        Rooms.sandbox(1),
                        i + "-" + j,
                        Instant.EPOCH,
                        1,
                        10,
                        PayloadLimits.CONTRACT,
                        Encoding.IDENTITY,
                        body);
            }
            append(batches);
        }
        assertThat(size()).isGreaterThan(40_000_000);
        long last = 0;
        for (List<SpooledBatch> next = spool.next(ONE, last, 100, 1 << 20);
                !next.isEmpty();
                next = spool.next(ONE, last, 100, 1 << 20)) {
            last = next.getLast().position();
        }
        assertThat(last).isEqualTo(400);
        pass(ONE, last, 400);
        while (spool.sweep(50)) {
            // Until nothing is left.
        }
        spool.freeSegments();
        assertThat(size()).isLessThan(8_000_000);
    }

    @Test
    void segmentsThatFillWhileOthersAreFreedAreKept() throws InterruptedException {
        int batches = 600;
        byte[] body = new byte[200_000];
        Thread appending = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < batches; i++) {
                append(new SpooledBatch(
                        0,
                        ONE,
                        Rooms.sandbox(2),
                        "k" + i,
                        Instant.EPOCH,
                        1,
                        10,
                        PayloadLimits.CONTRACT,
                        Encoding.IDENTITY,
                        body));
            }
        });
        long last = 0;
        int read = 0;
        while (read < batches) {
            List<SpooledBatch> next = spool.next(ONE, last, 5, 1 << 20);
            if (next.isEmpty()) {
                assertThat(appending.isAlive() || !spool.next(ONE, last, 1, 1).isEmpty())
                        .as("batches are still to come after %d", read)
                        .isTrue();
            } else {
                read += next.size();
                last = next.getLast().position();
                pass(ONE, last, next.size());
                spool.sweep(50);
            }
            spool.freeSegments();
        }
        appending.join();
        assertThat(rooms.ledger.of(ONE).discarded()).isZero();
    }

    @Test
    void whatIsLeftOfManySegmentsIsMovedOutOfThemAndReadAllTheSame() throws IOException {
        byte[] body = new byte[300_000];
        for (int i = 0; i < 30; i++) {
            append(
                    batch(TWO, "parked-" + i, 2),
                    new SpooledBatch(
                            0,
                            ONE,
                            Rooms.sandbox(2),
                            "k" + i,
                            Instant.EPOCH,
                            1,
                            10,
                            PayloadLimits.CONTRACT,
                            Encoding.IDENTITY,
                            body));
        }
        pass(ONE, 60, 30);
        while (spool.sweep(50)) {
            // Until nothing of ONE is left.
        }
        long before = size();
        spool.freeSegments();
        spool.freeSegments();
        assertThat(size()).isLessThan(before - 4_000_000);
        assertThat(keys(TWO, 0)).hasSize(30).startsWith("parked-0", "parked-1");
        assertThat(rooms.ledger.of(TWO).waiting()).isEqualTo(60);
        close();
        open();
        assertThat(keys(TWO, 0)).hasSize(30);
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    private long size() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
