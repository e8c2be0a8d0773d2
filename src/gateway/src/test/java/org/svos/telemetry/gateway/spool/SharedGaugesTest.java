package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
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
import org.svos.telemetry.gateway.store.TestServer;

/** What a gateway knows of a spool that another one appends to and passes: the same as is in it, though it does not look at all of it. */
class SharedGaugesTest {

    private final String database = TestServer.database();
    private Rooms here;
    private Rooms there;
    private Arrivals arrivals;
    private long one;
    private long two;

    @BeforeEach
    void open() {
        here = new Rooms(TestServer.open(database, null), Rooms.SETTINGS);
        there = new Rooms(TestServer.open(database, null), Rooms.SETTINGS);
        arrivals = new Arrivals(here.store);
        one = there.register("one", Rooms.QUOTA, Rooms.sandbox(1)).id();
        two = there.register("two", Rooms.QUOTA, Rooms.sandbox(2)).id();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private static SpooledBatch batch(long databaseId, String key, int events, long admittedAt) {
        return new SpooledBatch(
                0,
                databaseId,
                Rooms.sandbox(1),
                key,
                Instant.ofEpochMilli(admittedAt),
                events,
                100,
                PayloadLimits.CONTRACT,
                Encoding.IDENTITY,
                key.getBytes(StandardCharsets.UTF_8));
    }

    private void append(SpooledBatch... batches) {
        there.append(List.of(batches));
    }

    private void deliverNext(long databaseId) {
        long passed = there.spool.cursor(databaseId).passed();
        SpooledBatch first = there.spool.next(databaseId, passed, 1, 1).getFirst();
        there.store.write(tx -> {
            there.spool.pass(tx, databaseId, first.position());
            there.ledger.add(tx, databaseId, Account.DELIVERED, Ledger.NO_REASON, first.events(), first.bytes());
            return null;
        });
    }

    private double gauge(String name) {
        return here.meters.get("telemetry.spool." + name).gauge().value();
    }

    /** What is seen here, after a look, is what the spool holds. */
    private void assertSame(long settledBytes) {
        here.spool.refreshGauges();
        here.store.read(tx -> {
            try (ResultSet row = tx.statement("select coalesce(sum(events), 0), coalesce(sum(bytes), 0) from waiting")
                    .executeQuery()) {
                row.next();
                assertThat(gauge("events")).isEqualTo(row.getDouble(1));
                assertThat(gauge("bytes")).isEqualTo(row.getDouble(2) - settledBytes);
            }
            return null;
        });
        assertThat(here.ledger.all().imbalance()).isZero();
        assertThat(here.ledger.all().waiting()).isEqualTo((long) gauge("events"));
    }

    private long age() {
        return Math.round(gauge("oldest.age.seconds"));
    }

    @Test
    void whatWaitsIsKnownHereHoweverItCameToBe() throws Exception {
        assertSame(0);
        append(batch(one, "a", 10, 1_000), batch(one, "b", 5, 1_000), batch(two, "c", 7, 1_000));
        append(batch(two, "d", 3, 1_000));
        assertSame(0);
        deliverNext(one);
        assertSame(0);
        there.store.write(tx -> {
            there.spool.settle(tx, two, 3);
            there.ledger.add(tx, two, Account.DELIVERED, Ledger.NO_REASON, 3, 100 * 3 / 7);
            return null;
        });
        assertSame(100 * 3 / 7);
        corrupt("c");
        assertThat(there.spool.next(two, 0, 1, 1)).extracting(SpooledBatch::key).containsExactly("d");
        assertSame(0);
        there.store.write(tx -> {
            there.spool.settle(tx, one, 2);
            there.ledger.add(tx, one, Account.DELIVERED, Ledger.NO_REASON, 2, 100 * 2 / 5);
            return null;
        });
        assertSame(100 * 2 / 5);
        there.store.write(tx -> there.spool.discard(tx, one, "database-deleted"));
        assertSame(0);
        deliverNext(two);
        assertSame(0);
        assertThat(gauge("events")).isZero();
        assertThat(gauge("bytes")).isZero();
        assertThat(gauge("oldest.age.seconds")).isZero();
    }

    /** Changes the only batch of that key, where it lies. */
    private void corrupt(String key) {
        byte[] batch = (Rooms.sandbox(1).value() + key + key).getBytes(StandardCharsets.US_ASCII);
        int found = there.store.write(tx -> {
            PreparedStatement update = tx.statement("""
                    update spool set body = overlay(body placing 'X' from position(? in body) + length(?) - 1)
                    where position(? in body) > 0""");
            for (int i = 1; i <= 3; i++) {
                update.setBytes(i, batch);
            }
            return update.executeUpdate();
        });
        assertThat(found).isEqualTo(1);
    }

    @Test
    void theOldestIsFoundThoughMuchBeforeItIsPassedAndItsTransactionEndsLate() throws InterruptedException {
        long now = there.store.now();
        CountDownLatch hasItsPosition = new CountDownLatch(1);
        CountDownLatch mayCommit = new CountDownLatch(1);
        Thread late = Thread.ofPlatform()
                .start(() -> there.store.decide(List.of(two), deciding -> {
                    there.spool.append(deciding, List.of(batch(two, "late", 1, now - 50_000)));
                    hasItsPosition.countDown();
                    await(mayCommit);
                    return null;
                }));
        await(hasItsPosition);
        for (int i = 0; i < 3; i++) {
            here.append(List.of(batch(one, "k" + i, 1, now - 100_000)));
            here.spool.refreshGauges();
            assertThat(age()).isBetween(100L, 120L);
            deliverNext(one);
            here.spool.refreshGauges();
            assertThat(age()).isZero();
        }
        mayCommit.countDown();
        late.join();

        here.spool.refreshGauges();
        assertThat(age()).isBetween(50L, 70L);
        for (int i = 0; i < 3; i++) {
            here.append(List.of(batch(one, "l" + i, 1, now - 10_000)));
            here.spool.refreshGauges();
            assertThat(age()).isBetween(50L, 70L);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatOthersAppendIsFoundWithoutAHintThoughItIsCommittedLate() throws InterruptedException {
        append(batch(one, "a", 1, 1_000));
        for (int i = 0; i < 1_000 && !arrivals.isReady(); i++) {
            arrivals.databases();
        }
        arrivals.databases();
        append(batch(one, "b", 1, 1_000));
        assertThat(arrivals.databases()).containsExactly(one);
        CountDownLatch hasItsPosition = new CountDownLatch(1);
        CountDownLatch mayCommit = new CountDownLatch(1);
        Thread late = Thread.ofPlatform()
                .start(() -> there.store.decide(List.of(two), deciding -> {
                    there.spool.append(deciding, List.of(batch(two, "late", 1, 1_000)));
                    hasItsPosition.countDown();
                    await(mayCommit);
                    return null;
                }));
        await(hasItsPosition);
        for (int i = 0; i < 4; i++) {
            here.append(List.of(batch(one, "k" + i, 1, 1_000)));
            assertThat(arrivals.databases()).containsExactly(one);
        }
        mayCommit.countDown();
        late.join();
        assertThat(arrivals.databases()).contains(two);
        for (int i = 0; i < 3; i++) {
            arrivals.databases();
        }
        assertThat(arrivals.databases()).isEmpty();
    }

    @Test
    void theFirstThatIsEverAppendedIsToldToo() {
        assertThat(arrivals.isReady()).isFalse();
        while (!arrivals.isReady()) {
            assertThat(arrivals.databases()).isEmpty();
        }
        append(batch(one, "a", 1, 1_000));
        assertThat(arrivals.databases()).containsExactly(one);
    }
}
