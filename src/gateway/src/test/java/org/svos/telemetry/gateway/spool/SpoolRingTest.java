package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;

/** The ring of partitions that a server's spool is. */
class SpoolRingTest {

    private static final int LITTLE = 2;
    /** Every piece fills a slot. */
    private static final SpoolRing.Bounds BOUNDS = new SpoolRing.Bounds(1, 0, LITTLE, 1 << 20);

    private final String database = TestServer.database();
    private Rooms rooms;
    private SpoolRing ring;
    private long one;
    private long two;

    @BeforeEach
    void open() {
        rooms = new Rooms(TestServer.open(database, null), Rooms.SETTINGS);
        ring = new SpoolRing(rooms.store, BOUNDS);
        one = rooms.register("one", Rooms.QUOTA, Rooms.sandbox(1)).id();
        two = rooms.register("two", Rooms.QUOTA, Rooms.sandbox(2)).id();
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    private static SpooledBatch batch(long databaseId, String key) {
        return new SpooledBatch(
                0,
                databaseId,
                Rooms.sandbox(1),
                key,
                Instant.ofEpochMilli(1_000),
                1,
                10,
                PayloadLimits.CONTRACT,
                Encoding.IDENTITY,
                key.repeat(100).getBytes(StandardCharsets.UTF_8));
    }

    private void append(long databaseId, String key) {
        rooms.append(List.of(batch(databaseId, key)));
    }

    private List<SpooledBatch> next(long databaseId) {
        return rooms.spool.next(databaseId, rooms.spool.cursor(databaseId).passed(), 100, 1 << 20);
    }

    private List<String> keys(long databaseId) {
        return next(databaseId).stream().map(SpooledBatch::key).toList();
    }

    private static void pass(Rooms rooms, long databaseId, List<SpooledBatch> batches) {
        rooms.store.write(tx -> {
            rooms.spool.pass(tx, databaseId, batches.getLast().position());
            rooms.ledger.add(tx, databaseId, Account.DELIVERED, Ledger.NO_REASON, batches.size(), 10L * batches.size());
            return null;
        });
    }

    private void pass(long databaseId) {
        pass(rooms, databaseId, next(databaseId));
    }

    private static void turnWhileItTurns(SpoolRing ring) {
        while (ring.turn()) {
            // Until nothing is left to do.
        }
    }

    private long ask(String sql) {
        return rooms.store.read(tx -> {
            try (ResultSet row = tx.statement(sql).executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    private long slot() {
        return ask("select slot from spool_ring");
    }

    private long diskBytes(long slot) {
        return ask("select pg_relation_size('spool_" + slot + "')");
    }

    private String rows() {
        return rooms.store.read(tx -> {
            try (ResultSet row = tx.statement(
                            "select string_agg(slot || ':' || position, ' ' order by position) from spool")
                    .executeQuery()) {
                row.next();
                return String.valueOf(row.getString(1));
            }
        });
    }

    @Test
    void aSlotIsGivenBackWholeOnceAllInItIsPassed() {
        long slot = slot();
        append(one, "a");
        append(two, "b");
        pass(one);
        turnWhileItTurns(ring);
        assertThat(slot()).isEqualTo(slot + 1);
        assertThat(diskBytes(slot)).isPositive();
        assertThat(keys(two)).containsExactly("b");

        pass(two);
        turnWhileItTurns(ring);
        assertThat(diskBytes(slot)).isZero();
        assertThat(rows()).isEqualTo("null");
        append(one, "c");
        assertThat(keys(one)).containsExactly("c");
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    @Test
    void nothingTurnsBeforeASlotIsLargeOrOld() {
        SpoolRing patient = new SpoolRing(rooms.store, SpoolRing.Bounds.USUAL);
        rooms.store.write(tx -> {
            tx.change("update spool_ring set since = ?", tx.now());
            return null;
        });
        long slot = slot();
        append(one, "a");
        pass(one);

        assertThat(patient.turn()).isFalse();
        assertThat(slot()).isEqualTo(slot);
    }

    @Test
    void whatLittleIsLeftIsMovedAsItIsAndReadOnceAndInOrder() {
        append(two, "parked-1");
        append(two, "parked-2");
        rooms.store.write(tx -> tx.statement("update spool set segment = 7, place = position * 3")
                .executeUpdate());
        String before = columns();
        long first = slot();
        int revolutions = 3;
        for (int i = 0; i < revolutions * SpoolRing.SLOTS; i++) {
            append(one, "k" + i);
            pass(one);
            turnWhileItTurns(ring);
        }

        assertThat(ask("select count(*) from spool where slot = " + first)).isZero();
        assertThat(columns()).isEqualTo(before);
        rooms.store.write(tx ->
                tx.statement("update spool set segment = null, place = null").executeUpdate());
        append(two, "after");
        assertThat(keys(two)).containsExactly("parked-1", "parked-2", "after");
        pass(two);
        assertThat(next(two)).isEmpty();
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    /** Of what waits, all but where it is. */
    private String columns() {
        return rooms.store.read(tx -> {
            PreparedStatement select = tx.statement("""
                    select string_agg(concat_ws(',', position, last, database_id, events, bytes, admitted_at, length, segment,
                        place, md5(body)), ' ' order by position) from spool where database_id = ?""");
            select.setLong(1, two);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return String.valueOf(row.getString(1));
            }
        });
    }

    @Test
    void whileMuchWaitsNothingIsMovedAndThePresentSlotGrows() {
        for (int i = 0; i < 2 * SpoolRing.SLOTS; i++) {
            for (int j = 0; j <= LITTLE; j++) {
                append(one, "k" + i + "-" + j);
            }
            turnWhileItTurns(ring);
        }
        String before = rows();
        turnWhileItTurns(new SpoolRing(rooms.store, BOUNDS));

        assertThat(rows()).isEqualTo(before);
        assertThat(ask("select count(distinct slot) from spool")).isEqualTo(SpoolRing.SLOTS);
        assertThat(ask("select count(*) from spool where slot = (select slot from spool_ring)"))
                .isGreaterThan(LITTLE + 1);
        assertThat(keys(one)).hasSize(2 * SpoolRing.SLOTS * (LITTLE + 1)).startsWith("k0-0", "k0-1", "k0-2", "k1-0");
        pass(one);
        turnWhileItTurns(ring);
        assertThat(rows()).isEqualTo("null");
    }

    @Test
    void aPieceThatComesLateToASlotWaitsThereLikeAny() throws InterruptedException {
        append(one, "early");
        long slot = slot();
        CountDownLatch hasItsSlot = new CountDownLatch(1);
        CountDownLatch mayGoOn = new CountDownLatch(1);
        Thread late = Thread.ofPlatform()
                .start(() -> rooms.store.decide(List.of(two), deciding -> {
                    rooms.spool.append(deciding, List.of(batch(two, "late")));
                    hasItsSlot.countDown();
                    await(mayGoOn);
                    return null;
                }));
        await(hasItsSlot);
        pass(one);
        turnWhileItTurns(ring);
        assertThat(slot()).isNotEqualTo(slot);
        assertThat(diskBytes(slot)).isZero();
        mayGoOn.countDown();
        late.join();
        turnWhileItTurns(ring);

        assertThat(ask("select slot from spool")).isEqualTo(slot);
        assertThat(keys(two)).containsExactly("late");
        pass(two);
        turnWhileItTurns(ring);
        assertThat(diskBytes(slot)).isZero();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aSlotThatSomebodyReadsIsGivenBackLater() throws InterruptedException {
        append(one, "a");
        pass(one);
        long slot = slot();
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Thread reader = Thread.ofPlatform()
                .start(() -> rooms.store.read(tx -> {
                    Pieces.after(tx, one, 0, 1);
                    reads.countDown();
                    await(mayEnd);
                    assertThat(Pieces.after(tx, one, 0, 1)).hasSize(1);
                    return null;
                }));
        await(reads);
        turnWhileItTurns(ring);
        assertThat(slot()).isEqualTo(slot + 1);
        assertThat(diskBytes(slot)).isPositive();
        append(one, "b");
        assertThat(keys(one)).containsExactly("b");
        mayEnd.countDown();
        reader.join();
        turnWhileItTurns(ring);

        assertThat(diskBytes(slot)).isZero();
        assertThat(keys(one)).containsExactly("b");
    }

    @Test
    void aRemovedDatabasesLaneIsThereUntilItsPiecesAreGone() {
        SpoolGauges gauges = new SpoolGauges(new SimpleMeterRegistry(), rooms.store);
        Spool spool = new Spool(rooms.store, Bodies.of(rooms.store), rooms.ledger, gauges, BOUNDS);
        append(one, "a");
        append(two, "b");
        pass(one);
        rooms.store.write(tx -> {
            tx.change("delete from sandbox where database_id = ?", one);
            tx.change("delete from registered_database where id = ?", one);
            spool.forget(tx, one);
            return null;
        });
        while (spool.sweep(1)) {
            // Until nothing is left to do.
        }
        assertThat(ask("select count(*) from lane where database_id = " + one)).isEqualTo(1);
        assertThat(next(one)).isEmpty();

        pass(two);
        while (spool.sweep(1)) {
            // Until nothing is left to do.
        }
        assertThat(ask("select count(*) from lane where database_id = " + one)).isZero();
        assertThat(ask("select count(*) from lane where database_id = " + two)).isEqualTo(1);
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    @Test
    void whatAGatewayOfTheVersionBeforeAppendsAndRemovesIsInTheRingTheSame() {
        append(one, "new");
        rooms.store.write(tx -> tx.statement("""
                        insert into spool (position, last, database_id, events, bytes, admitted_at, length, body)
                        select nextval('spool_position'), currval('spool_position'), database_id, events, bytes, admitted_at,
                            length, body from spool""").executeUpdate());
        assertThat(keys(one)).hasSize(2);
        List<SpooledBatch> both = next(one);
        pass(rooms, one, List.of(both.getFirst()));
        int removed = rooms.store.write(tx -> {
            PreparedStatement remove = tx.statement("""
                    delete from spool where position in (
                        select position from spool where database_id = ? and last <= ? order by last limit ?)""");
            remove.setLong(1, one);
            remove.setLong(2, both.getFirst().position());
            remove.setInt(3, 500);
            return remove.executeUpdate();
        });
        assertThat(removed).isEqualTo(1);
        assertThat(keys(one)).hasSize(1);
        assertThat(diskBytes(0)).isPositive();
        pass(one);
        turnWhileItTurns(ring);
        assertThat(diskBytes(0)).isZero();
    }

    @Test
    void appendersLanesAndTwoTurnersAtOnceLoseAndDoubleNothing() throws Exception {
        int pieces = 150;
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> workers = new ArrayList<>();
        try (Store otherStore = TestServer.open(database, null)) {
            for (long id : List.of(one, two)) {
                workers.add(worker(failures, () -> {
                    for (int i = 0; i < pieces; i++) {
                        append(id, "k" + i);
                    }
                }));
                workers.add(worker(failures, () -> {
                    List<String> read = new ArrayList<>();
                    while (read.size() < pieces) {
                        List<SpooledBatch> some = next(id);
                        // One lane is far behind at times, so that there is something to be moved.
                        if (!some.isEmpty()
                                && (id == one || some.size() > LITTLE || read.size() + some.size() == pieces)) {
                            read.addAll(some.stream().map(SpooledBatch::key).toList());
                            pass(rooms, id, some);
                        }
                    }
                    for (int i = 0; i < pieces; i++) {
                        assertThat(read.get(i)).isEqualTo("k" + i);
                    }
                    assertThat(next(id)).isEmpty();
                }));
            }
            List<Thread> all = List.copyOf(workers);
            for (Store store : List.of(rooms.store, otherStore)) {
                SpoolRing turner = new SpoolRing(store, BOUNDS);
                workers.add(worker(failures, () -> {
                    while (all.stream().anyMatch(Thread::isAlive)) {
                        turner.turn();
                    }
                }));
            }
            for (Thread worker : workers) {
                worker.join();
            }
        }
        assertThat(failures).isEmpty();
        turnWhileItTurns(ring);
        assertThat(rows()).isEqualTo("null");
        assertThat(rooms.ledger.all().delivered()).isEqualTo(2L * pieces);
        assertThat(rooms.ledger.all().imbalance()).isZero();
    }

    private static Thread worker(List<Throwable> failures, Runnable work) {
        return Thread.ofPlatform().start(() -> {
            try {
                work.run();
            } catch (RuntimeException | AssertionError e) {
                failures.add(e);
            }
        });
    }
}
