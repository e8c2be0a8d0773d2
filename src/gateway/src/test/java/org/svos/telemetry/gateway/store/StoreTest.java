package org.svos.telemetry.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {

    @TempDir
    Path data;

    private FileStore open() {
        return FileStore.open(data, InstantSource.system(), 1 << 20);
    }

    private static void insert(Tx tx, long id) throws SQLException {
        var insert =
                tx.statement("insert into quota (database_id, day, day_used, debt, debt_at) values (?, 0, 0, 0, 0)");
        insert.setLong(1, id);
        insert.executeUpdate();
    }

    private static long count(FileStore store) {
        return store.read(tx -> count(tx));
    }

    private static long count(Tx tx) throws SQLException {
        try (ResultSet row = tx.statement("select count(*) from quota").executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void whatWasWrittenIsThereAfterReopening() {
        try (FileStore store = open()) {
            store.write(tx -> {
                insert(tx, 1);
                return null;
            });
        }
        try (FileStore store = open()) {
            assertThat(count(store)).isEqualTo(1);
        }
    }

    @Test
    void aTransactionThatThrowsLeavesNothingAndRunsNothingAfterIt() {
        List<String> ran = new ArrayList<>();
        try (FileStore store = open()) {
            assertThatThrownBy(() -> store.write(tx -> {
                        insert(tx, 1);
                        tx.afterCommit(() -> ran.add("after"));
                        throw new IllegalArgumentException("on purpose");
                    }))
                    .hasMessage("on purpose");
            assertThat(count(store)).isZero();
            store.write(tx -> {
                insert(tx, 2);
                tx.afterCommit(() -> ran.add("second"));
                return null;
            });
            assertThat(count(store)).isEqualTo(1);
        }
        assertThat(ran).containsExactly("second");
    }

    @Test
    void aStatementAtFaultIsADefectAndNotTheStoresFault() {
        try (FileStore store = open()) {
            assertThatThrownBy(() -> store.write(tx -> {
                        insert(tx, 1);
                        insert(tx, 1);
                        return null;
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("UNIQUE");
            assertThat(count(store)).isZero();
        }
    }

    @Test
    void aStatementThatFailedWorksAgainOnceItsCauseIsGone() {
        Work<Long> sum = tx -> {
            try (ResultSet row =
                    tx.statement("select coalesce(sum(day_used), 0) from quota").executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        };
        Work<Integer> overflow = tx -> {
            insert(tx, 1);
            insert(tx, 2);
            return tx.statement("update quota set day_used = 9223372036854775807")
                    .executeUpdate();
        };
        try (FileStore store = open()) {
            store.write(overflow);
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(() -> store.read(sum)).hasMessageContaining("integer overflow");
                assertThatThrownBy(() -> store.write(sum)).hasMessageContaining("integer overflow");
            }
            store.write(tx -> tx.statement("delete from quota").executeUpdate());
            for (int i = 0; i < 10; i++) {
                assertThat(store.read(sum)).isZero();
                assertThat(store.write(sum)).isZero();
            }
        }
    }

    @Test
    void aReaderSeesOneStateAndCannotWrite() {
        try (FileStore store = open()) {
            store.read(tx -> {
                assertThat(count(tx)).isZero();
                CompletableFuture.runAsync(() -> store.write(other -> {
                            insert(other, 1);
                            return null;
                        }))
                        .join();
                assertThat(count(tx)).isZero();
                return null;
            });
            assertThat(count(store)).isEqualTo(1);
            assertThatThrownBy(() -> store.read(tx -> {
                        insert(tx, 2);
                        return null;
                    }))
                    .isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void aTransactionInsideATransactionIsRefusedAndNotADeadlock() throws Exception {
        try (FileStore store = open();
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            Work<Object> nested = tx -> store.write(inner -> "never");
            assertThatThrownBy(() -> store.write(nested)).hasMessageContaining("inside a transaction");
            assertThatThrownBy(() -> virtual.submit(() -> store.write(nested)).get())
                    .hasMessageContaining("inside a transaction");
        }
    }

    @Test
    void manyVirtualThreadsWriteOneAfterAnother() throws Exception {
        try (FileStore store = open();
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                long id = i;
                counts.add(virtual.submit(() -> store.write(tx -> {
                    insert(tx, id);
                    return count(tx);
                })));
            }
            List<Long> seen = new ArrayList<>();
            for (Future<Long> count : counts) {
                seen.add(count.get());
            }
            assertThat(seen).doesNotHaveDuplicates().hasSize(200);
        }
    }

    @Test
    void workThatFailsTakesNobodyAlongThatSharedItsTransaction() throws Exception {
        try (FileStore store = open();
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch queued = new CountDownLatch(1);
            Future<?> first = virtual.submit(() -> store.write(tx -> {
                await(queued);
                return "first";
            }));
            List<Future<?>> sound = new ArrayList<>();
            List<String> ran = Collections.synchronizedList(new ArrayList<>());
            for (int i = 0; i < 20; i++) {
                long id = i;
                sound.add(virtual.submit(() -> store.write(tx -> {
                    insert(tx, id);
                    tx.afterCommit(() -> ran.add("sound"));
                    return null;
                })));
            }
            Future<?> broken = virtual.submit(() -> store.write(tx -> {
                insert(tx, 100);
                tx.afterCommit(() -> ran.add("broken"));
                throw new IllegalArgumentException("on purpose");
            }));
            Thread.sleep(50);
            queued.countDown();
            first.get();
            for (Future<?> work : sound) {
                work.get();
            }
            assertThatThrownBy(broken::get).hasMessageContaining("on purpose");
            assertThat(count(store)).isEqualTo(20);
            assertThat(ran).hasSize(20).containsOnly("sound");
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
    void aSecondGatewayOnTheSameFolderIsRefusedWithTheReason() {
        try (FileStore store = open()) {
            assertThat(count(store)).isZero();
            assertThatThrownBy(this::open)
                    .isInstanceOf(StoreStartException.class)
                    .hasMessageContaining("Another gateway has the data folder " + data);
        }
        open().close();
    }

    @Test
    void aSchemaOfANewerProgramIsRefusedWithTheReason() throws SQLException {
        open().close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("telemetry.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    insert into flyway_schema_history (installed_rank, version, description, type, script, installed_by,
                        execution_time, success) values (99, '99', 'later', 'SQL', 'V99__later.sql', '', 0, 1)""");
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreStartException.class)
                .hasMessageContaining("schema version 99")
                .hasMessageContaining("a newer one made it");
    }

    @Test
    void aFileThatIsNoStoreIsRefusedWithTheReason() throws Exception {
        Files.writeString(data.resolve("telemetry.db"), "no database, but a text that is long enough ".repeat(100));

        assertThatThrownBy(this::open)
                .isInstanceOf(StoreStartException.class)
                .hasMessageContaining("telemetry.db cannot be opened");
    }

    @Test
    void commitsAreSyncedAndTheFileCanShrink() {
        try (FileStore store = open()) {
            store.write(tx -> {
                assertThat(pragma(tx, "journal_mode")).isEqualTo("wal");
                assertThat(pragma(tx, "synchronous")).isEqualTo("2");
                assertThat(pragma(tx, "auto_vacuum")).isEqualTo("2");
                assertThat(pragma(tx, "foreign_keys")).isEqualTo("1");
                return null;
            });
        }
    }

    private static String pragma(Tx tx, String name) throws SQLException {
        try (ResultSet row = tx.statement("pragma " + name).executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void aFullStoreIsToldAsFullAndIsWholeAgainWithRoom() {
        try (FileStore store = open()) {
            store.write(tx -> {
                pragma(tx, "max_page_count = 100");
                return null;
            });
            assertThatThrownBy(() -> store.write(tx -> {
                        for (int i = 0; i < 100_000; i++) {
                            insert(tx, i);
                        }
                        return null;
                    }))
                    .isInstanceOf(StoreFullException.class);
            assertThat(count(store)).isZero();
            store.write(tx -> {
                pragma(tx, "max_page_count = 1000000");
                insert(tx, 1);
                return null;
            });
            assertThat(count(store)).isEqualTo(1);
        }
    }

    @Test
    void theFileIsItsOwnersAlone() throws Exception {
        try (FileStore store = open()) {
            assertThat(count(store)).isZero();
            for (String name : List.of("telemetry.db", "telemetry.db-wal", "telemetry.db-shm")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(name))))
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void aClosedStoreIsUnavailable() {
        FileStore store = open();
        store.close();

        assertThatThrownBy(() -> count(store)).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void theLogIsWrittenBackAndTheNextCommitFindsNothingInItsWay() throws Exception {
        Path log = data.resolve("telemetry.db-wal");
        try (FileStore store = open()) {
            long longest = 0;
            for (long round = 0; round < 20; round++) {
                long first = round * 1_000;
                store.write(tx -> {
                    for (long id = first; id < first + 1_000; id++) {
                        insert(tx, id);
                    }
                    return null;
                });
                store.checkpoint();
                longest = Math.max(longest, Files.size(log));
            }
            assertThat(count(store)).isEqualTo(20_000);
            assertThat(longest).isLessThan(400_000);
        }
    }

    private static Changes charge(long databaseId) {
        Changes changes = new Changes(0);
        changes.change(
                "insert into quota (database_id, day, day_used, debt, debt_at) values (?, 0, 0, 0, 0)", databaseId);
        return changes;
    }

    @Test
    void whatWasKeptIsSeenByWhoeverReadsOrWritesAfterIt() {
        try (FileStore store = open()) {
            store.keep(charge(1));
            assertThat(count(store)).isEqualTo(1);
            store.keep(charge(2));
            assertThat(store.<Long>write(StoreTest::count)).isEqualTo(2);
            store.keep(charge(3));
        }
        try (FileStore store = open()) {
            assertThat(count(store)).isEqualTo(3);
        }
    }

    @Test
    void whileTheFileCannotBeWrittenWhatIsKeptIsBoundedAndIsDoneLater() throws Exception {
        try (FileStore store = open()) {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            CompletableFuture<Void> slow = CompletableFuture.runAsync(() -> store.write(tx -> {
                begun.countDown();
                await(release);
                return null;
            }));
            begun.await();
            for (long commit = 0; commit < 50; commit++) {
                store.keep(charges(commit * 1_000));
            }
            assertThatThrownBy(() -> store.keep(charges(50_000)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("too far behind its journal");
            release.countDown();
            slow.get();

            assertThat(count(store)).isEqualTo(50_000);
            store.keep(charges(50_000));
            assertThat(count(store)).isEqualTo(51_000);
        }
    }

    /** A thousand of them. */
    private static Changes charges(long first) {
        Changes changes = new Changes(0);
        for (long id = first; id < first + 1_000; id++) {
            changes.change("insert into quota (database_id, day, day_used, debt, debt_at) values (?, 0, 0, 0, 0)", id);
        }
        return changes;
    }
}
