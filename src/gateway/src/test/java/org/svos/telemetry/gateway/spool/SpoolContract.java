package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.Totals;

/** What holds of a spool, whatever store it is in. */
abstract class SpoolContract {

    static final long ONE = 1;
    static final long TWO = 2;

    Rooms rooms;
    Spool spool;

    /** Those of a store that is there already, or is not yet. */
    abstract Rooms rooms();

    @BeforeEach
    void open() {
        rooms = rooms();
        spool = rooms.spool;
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    static SpooledBatch batch(long databaseId, String key, int events) {
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

    void append(SpooledBatch... batches) {
        rooms.append(List.of(batches));
    }

    List<String> keys(long databaseId, long after) {
        return spool.next(databaseId, after, 100, 1 << 20).stream()
                .map(SpooledBatch::key)
                .toList();
    }

    void pass(long databaseId, long position, int delivered) {
        rooms.store.write(tx -> {
            long before = spool.waiting(tx, databaseId).bytes();
            spool.pass(tx, databaseId, position);
            long bytes = before - spool.waiting(tx, databaseId).bytes();
            rooms.ledger.add(tx, databaseId, Account.DELIVERED, Ledger.NO_REASON, delivered, bytes);
            return null;
        });
    }

    /** Removes what is passed, as far as it can be. */
    void sweep() {
        while (spool.sweep(10)) {
            // Until nothing is left to do.
        }
    }

    long pieces() {
        return rooms.store.read(tx -> {
            try (var row = tx.statement("select count(*) from spool").executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    double gauge(String name) {
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
    void whatIsPassedNoLongerWaitsAndTheRestOutlivesTheSweep() {
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
        sweep();
        assertThat(keys(ONE, second)).containsExactly("c");
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
        sweep();
        close();
        open();
        assertThat(keys(ONE, spool.cursor(ONE).passed())).containsExactly("c");
        assertThat(gauge("telemetry.spool.events")).isEqualTo(4);
        pass(ONE, batches.get(2).position(), 4);
        assertThat(rooms.ledger.all().imbalance()).isZero();
        sweep();
        assertThat(pieces()).isZero();
        assertThat(gauge("telemetry.spool.bytes")).isZero();
    }

    @Test
    void aPositionIsNeverGivenTwiceThoughItsBatchIsGone() {
        append(batch(ONE, "a", 1));
        long first = spool.next(ONE, 0, 1, 1).getFirst().position();
        pass(ONE, first, 1);
        sweep();
        assertThat(pieces()).isZero();
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
    void aLaneOfNothingButCorruptBatchesComesToItsEnd() {
        append(batch(ONE, "a", 1), batch(ONE, "b", 2), batch(ONE, "c", 4));
        corrupt("a");
        corrupt("b");
        corrupt("c");

        assertThat(spool.next(ONE, 0, 1, 1)).isEmpty();
        assertThat(rooms.ledger.of(ONE).discarded()).isEqualTo(7);
    }

    /** Changes a byte of that batch's body where it lies. */
    abstract void corrupt(String key);

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
}
