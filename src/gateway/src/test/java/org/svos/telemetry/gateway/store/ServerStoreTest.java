package org.svos.telemetry.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store on PostgreSQL, and what becomes of it when that is not well. */
class ServerStoreTest {

    private static final Duration SOON = Duration.ofMillis(1_500);

    private String database;
    private Store store;

    @BeforeEach
    void open() {
        database = TestServer.database();
        store = ServerStore.open(settings(4), null);
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** Impatient ones. */
    private ServerSettings settings(int connections) {
        return new ServerSettings(
                TestServer.url(database),
                TestServer.USER,
                "",
                "",
                connections,
                Duration.ofMillis(500),
                Duration.ofMillis(500));
    }

    @Test
    void ofSeveralThatStartAtOnceOnAnEmptyDatabaseOneMakesTheSchemaAndTheOthersWait() throws Exception {
        String empty = TestServer.bareDatabase();
        var gate = new CountDownLatch(1);
        List<Future<Store>> opened = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                opened.add(threads.submit(() -> {
                    gate.await();
                    return TestServer.open(empty, null);
                }));
            }
            gate.countDown();
        }
        for (Future<Store> one : opened) {
            one.get().close();
        }
    }

    private static @Nullable Void insert(Tx tx, long id) throws SQLException {
        tx.change("insert into quota (database_id, day, day_used, debt, debt_at) values (?, 0, 0, 0, 0)", id);
        return null;
    }

    private static @Nullable Void add(Tx tx) throws SQLException {
        long used;
        try (ResultSet row =
                tx.statement("select day_used from quota where database_id = 1").executeQuery()) {
            row.next();
            used = row.getLong(1);
        }
        tx.change("update quota set day_used = ? where database_id = 1", used + 1);
        return null;
    }

    private static long number(Store of, String sql) {
        return of.read(tx -> {
            try (ResultSet row = tx.statement(sql).executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    private static long rows(Store of) {
        return number(of, "select count(*) from quota");
    }

    private long registered() {
        return store.write(tx -> {
            PreparedStatement insert = tx.statement("""
                    insert into registered_database (name, owner, description, state, bytes_per_day, events_per_second,
                        burst, quota_mode, revision, created_at, changed_at)
                    values ('lab', '', '', 'active', 1, 1, 1, 'enforce', 1, 0, 0) returning id""");
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTransactionThatThrowsLeavesNothingAndRunsNothingAfterIt() {
        List<String> after = new ArrayList<>();
        assertThatThrownBy(() -> store.write(tx -> {
                    insert(tx, 1);
                    tx.afterCommit(() -> after.add("ran"));
                    throw new IllegalArgumentException("no");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(rows(store)).isZero();
        assertThat(after).isEmpty();
        assertThatThrownBy(
                        () -> store.write(tx -> tx.statement("select nonsense").execute()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nonsense");
        store.write(tx -> insert(tx, 1));
        assertThat(rows(store)).isEqualTo(1);
    }

    @Test
    void aReaderSeesOneStateAndCannotWrite() {
        store.read(tx -> {
            long before = count(tx);
            Thread writer = Thread.ofPlatform().start(() -> store.write(other -> insert(other, 1)));
            try {
                writer.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            assertThat(count(tx)).isEqualTo(before);
            return null;
        });
        assertThat(rows(store)).isEqualTo(1);
        assertThatThrownBy(() -> store.read(tx -> insert(tx, 2))).isInstanceOf(StoreUnavailableException.class);
        assertThat(rows(store)).isEqualTo(1);
    }

    /** What is written is other people's. */
    @Test
    void whatAStatementFailedWithIsToldWithoutItsValues() {
        assertThatThrownBy(() -> store.decide(List.of(), deciding -> {
                    deciding.changes()
                            .change("insert into host (id, name, last_batch_at) values (?, ?, 0)", "h1", null);
                    deciding.changes()
                            .change(
                                    "insert into host (id, name, last_batch_at) values (?, ?, 0)",
                                    "secret".repeat(30),
                                    null);
                    return null;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("too long")
                .hasMessageNotContaining("secret")
                .rootCause()
                .hasMessageNotContaining("secret");
        assertThat(number(store, "select count(*) from host")).isZero();
    }

    private static long count(Tx tx) throws SQLException {
        try (ResultSet row = tx.statement("select count(*) from quota").executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void aTransactionInsideATransactionIsRefusedAndNotADeadlock() {
        assertThatThrownBy(() -> store.write(tx -> store.write(inner -> insert(inner, 1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a transaction inside a transaction");
        assertThat(rows(store)).isZero();
    }

    @Test
    void whatSeveralReadAndThenWriteIsNeverLost() throws Exception {
        store.write(tx -> insert(tx, 1));
        try (Store other = ServerStore.open(settings(4), null);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Store each : List.of(store, other)) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                        each.write(ServerStoreTest::add);
                    }
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        assertThat(number(store, "select day_used from quota where database_id = 1"))
                .isEqualTo(100);
    }

    @Test
    void whatOneAnnouncesTheOthersHearInTheOrderOfTheCommitsAndItselfBeforeItGoesOn() throws Exception {
        List<String> here = new CopyOnWriteArrayList<>();
        List<String> there = new CopyOnWriteArrayList<>();
        store.onNews((kind, key) -> here.add(kind + key));
        try (Store other = ServerStore.open(settings(4), null)) {
            other.onNews((kind, key) -> there.add(kind + key));
            List<String> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                long key = i;
                store.write(tx -> {
                    tx.announce("thing", key, () -> {});
                    return null;
                });
                all.add("thing" + i);
                assertThat(here).isEqualTo(all);
            }
            long deadline = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            while (there.size() < 5 && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            assertThat(there).isEqualTo(all);
        }
    }

    /** All of them count on from one row, which is what a fleet that registers itself comes to. */
    @Test
    void thoughManyAnnounceAtOnceNobodyIsInTheWayForLong() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        try (Store one = TestServer.open(database, null);
                Store other = TestServer.open(database, null);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            one.onNews((kind, key) -> heard.incrementAndGet());
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Store own = i % 2 == 0 ? one : other;
                int first = i * 10;
                all.add(threads.submit(() -> {
                    for (int key = first; key < first + 10; key++) {
                        long id = key;
                        own.write(tx -> {
                            insert(tx, id);
                            tx.announce("thing", id, () -> {});
                            return null;
                        });
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            one.write(tx -> {
                tx.announce("thing", 400, () -> {});
                return null;
            });
        }
        assertThat(heard).hasValue(401);
        assertThat(number(store, "select count(*) from quota")).isEqualTo(400);
    }

    @Test
    void aServerThatRefusesConnectionsIsUnavailableInTimeAndBackByItself() throws Exception {
        store.write(tx -> insert(tx, 1));
        TestServer.run("alter database " + database + " with allow_connections false");
        disconnect();
        inTime(() -> assertThatThrownBy(() -> store.write(tx -> insert(tx, 2)))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageNotContaining("password"));
        inTime(() -> assertThatThrownBy(() -> rows(store)).isInstanceOf(StoreUnavailableException.class));
        TestServer.run("alter database " + database + " with allow_connections true");
        comesBack(() -> store.write(tx -> insert(tx, 2)));
        assertThat(rows(store)).isEqualTo(2);
    }

    @Test
    void aServerThatMayOnlyBeReadIsUnavailableToWritersUntilItIsThePrimaryAgain() throws Exception {
        TestServer.run("alter database " + database + " set default_transaction_read_only = on");
        disconnect();
        assertThatThrownBy(() -> store.write(tx -> insert(tx, 1))).isInstanceOf(StoreUnavailableException.class);
        comesBack(() -> rows(store));
        assertThatThrownBy(() -> store.write(tx -> insert(tx, 1)))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("read-only");
        TestServer.run("alter database " + database + " reset default_transaction_read_only");
        comesBack(() -> store.write(tx -> insert(tx, 2)));
    }

    private void disconnect() {
        TestServer.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + database + "'");
    }

    private static void comesBack(Runnable attempt) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (true) {
            try {
                attempt.run();
                return;
            } catch (StoreUnavailableException e) {
                assertThat(System.nanoTime()).as("back in time").isLessThan(deadline);
                Thread.sleep(50);
            }
        }
    }

    private static void inTime(Runnable attempt) {
        long begun = System.nanoTime();
        attempt.run();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
    }

    @Test
    void whoWaitsForALockOrAConnectionOrAStatementIsToldInTime() throws Exception {
        long id = registered();
        CountDownLatch holding = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        try (Store patient = TestServer.open(database, null)) {
            Thread holder = Thread.ofPlatform()
                    .start(() -> patient.writeAlone(id, tx -> {
                        holding.countDown();
                        await(done);
                        return null;
                    }));
            holding.await();
            inTime(() -> assertThatThrownBy(() -> store.decide(List.of(id), deciding -> 1))
                    .isInstanceOf(StoreUnavailableException.class));
            done.countDown();
            holder.join();
        }
        assertThat(store.<Integer>decide(List.of(id), deciding -> 1)).isEqualTo(1);
        inTime(() -> assertThatThrownBy(() ->
                        store.read(tx -> tx.statement("select pg_sleep(60)").execute()))
                .isInstanceOf(StoreUnavailableException.class));

        CountDownLatch all = new CountDownLatch(4);
        CountDownLatch enough = new CountDownLatch(1);
        List<Thread> holders = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            holders.add(Thread.ofPlatform()
                    .start(() -> store.read(tx -> {
                        all.countDown();
                        await(enough);
                        return null;
                    })));
        }
        all.await();
        inTime(() -> assertThatThrownBy(() -> rows(store)).isInstanceOf(StoreUnavailableException.class));
        enough.countDown();
        for (Thread holder : holders) {
            holder.join();
        }
        assertThat(rows(store)).isZero();
    }

    @Test
    void aServerThatIsNotThereIsToldWithWhatToDo() {
        var nobody = new ServerSettings(
                "jdbc:postgresql://127.0.0.1:1/telemetry?password=secret",
                "telemetry",
                "",
                "",
                4,
                Duration.ofMillis(300),
                Duration.ofSeconds(1));
        assertThatThrownBy(() -> ServerStore.open(nobody, null))
                .isInstanceOf(StoreStartException.class)
                .hasMessageContaining("127.0.0.1:1")
                .hasMessageContaining("TELEMETRY_POSTGRESQL_URL")
                .hasMessageNotContaining("secret");
    }

    @Test
    void aClosedStoreIsUnavailable() {
        store.close();
        assertThatThrownBy(() -> rows(store)).isInstanceOf(StoreUnavailableException.class);
    }
}
