package org.svos.telemetry.gateway.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.admission.Outcome;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.FileStore;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreStartException;
import org.svos.telemetry.gateway.store.TestServer;

/** A move on real stores, without gateways: how it is ended and goes on, and what it refuses. */
class MoveTest {

    private static final Quota PLENTY = new Quota(1L << 40, 1_000_000, 1_000_000, Quota.Mode.ENFORCE);
    private static final int DATABASES = 3;

    @TempDir
    Path data;

    private final String server = TestServer.database();
    private final List<String> told = new ArrayList<>();
    private String moving = "";

    private static final class Broken extends RuntimeException {}

    private void fill(int batches) {
        try (Rooms rooms = new Rooms(data)) {
            for (int d = 0; d < DATABASES; d++) {
                Database database = rooms.register("lab" + d, PLENTY, Rooms.sandbox(d));
                for (int i = 0; i < batches; i++) {
                    assertThat(rooms.admission.admit(Rooms.batch(
                                    database, Rooms.sandbox(d), "key-" + i, ("body " + d + "/" + i).repeat(9), 2)))
                            .isInstanceOf(Outcome.Accepted.class);
                }
            }
        }
    }

    private void move(int chunkRows, Runnable afterChunk) {
        try (Store source = FileStore.openToMove(data, InstantSource.system(), Rooms.SEGMENT_BYTES);
                Store target = TestServer.openToMove(server)) {
            new Move(data, source, target, chunkRows, new Move.Telling() {
                        @Override
                        public void line(String text) {
                            told.add(text);
                        }

                        @Override
                        public void chunk(String table, long rows) {
                            moving = table;
                            afterChunk.run();
                        }
                    })
                    .run();
        }
    }

    private void sql(String... statements) {
        try (Rooms rooms = new Rooms(data)) {
            rooms.store.write(tx -> {
                try (Statement statement = tx.connection().createStatement()) {
                    for (String sql : statements) {
                        statement.execute(sql);
                    }
                }
                return null;
            });
        }
    }

    @Test
    void aMoveThatIsEndedAgainAndAgainGoesOnAndNobodyStartsOnEitherHalf() {
        fill(40);
        AtomicInteger ends = new AtomicInteger();
        while (true) {
            AtomicInteger chunks = new AtomicInteger(ThreadLocalRandom.current().nextInt(1, 9));
            try {
                move(7, () -> {
                    if (chunks.decrementAndGet() == 0) {
                        throw new Broken();
                    }
                });
                break;
            } catch (Broken e) {
                ends.incrementAndGet();
                assertThatThrownBy(() -> new Rooms(data))
                        .isInstanceOf(StoreStartException.class)
                        .hasMessageContaining("is being moved to jdbc:postgresql:")
                        .hasMessageContaining("Run the command move again");
                assertThatThrownBy(() -> TestServer.open(server, null))
                        .isInstanceOf(StoreStartException.class)
                        .hasMessageContaining("holds a part of the one in " + data.toAbsolutePath());
            }
        }
        assertThat(ends).hasPositiveValue();
        assertThatThrownBy(() -> new Rooms(data))
                .isInstanceOf(StoreStartException.class)
                .hasMessageContaining("was moved to jdbc:postgresql:")
                .hasMessageContaining("remove " + data.resolve("moved"));
        assertAllIsThere(40);

        move(7, () -> {
            throw new AssertionError("nothing is left to be moved");
        });
        assertThat(told.getLast()).contains("has been whole since an earlier run");
    }

    private void assertAllIsThere(int batches) {
        try (Rooms rooms = new Rooms(TestServer.open(server, null), Rooms.SETTINGS)) {
            Totals totals = rooms.ledger.all();
            assertThat(totals.waiting()).isEqualTo(2L * batches * DATABASES);
            assertThat(totals.imbalance()).isZero();
            long last = 0;
            for (int d = 0; d < DATABASES; d++) {
                Database database = rooms.register("lab" + d, PLENTY, Rooms.sandbox(d));
                List<SpooledBatch> waiting = rooms.spool.next(database.id(), 0, 10_000, 1 << 30);
                assertThat(waiting)
                        .extracting(SpooledBatch::key)
                        .hasSize(batches)
                        .startsWith("key-0", "key-1");
                last = Math.max(last, waiting.getLast().position());
                for (int i = 0; i < batches; i++) {
                    String body = ("body " + d + "/" + i).repeat(9);
                    assertThat(new String(waiting.get(i).body(), StandardCharsets.UTF_8))
                            .isEqualTo(body);
                    assertThat(rooms.admission.admit(Rooms.batch(database, Rooms.sandbox(d), "key-" + i, body, 2)))
                            .isInstanceOf(Outcome.Replayed.class);
                }
            }
            Database lab = rooms.register("lab0", PLENTY, Rooms.sandbox(0));
            assertThat(rooms.admission.admit(Rooms.batch(lab, Rooms.sandbox(0), "later", "later", 1)))
                    .isInstanceOf(Outcome.Accepted.class);
            List<SpooledBatch> waiting = rooms.spool.next(lab.id(), 0, 10_000, 1 << 30);
            assertThat(waiting.getLast().key()).isEqualTo("later");
            assertThat(waiting.getLast().position()).isGreaterThan(last);
        }
    }

    @Test
    void keysOfWhatWasRemovedAreNotGivenAgain() {
        fill(1);
        sql(
                "insert into registered_database (id, name, owner, description, state, bytes_per_day, events_per_second, burst,"
                        + " quota_mode, revision, created_at, changed_at)"
                        + " values (70, 'gone', '', '', 'active', 1, 1, 1, 'enforce', 1, 0, 0)",
                "delete from registered_database where id = 70");
        move(1000, () -> {});
        try (Rooms rooms = new Rooms(TestServer.open(server, null), Rooms.SETTINGS)) {
            assertThat(rooms.register("new", PLENTY, Rooms.sandbox(9)).id()).isEqualTo(71);
        }
    }

    @Test
    void aTableOrColumnThatTheMoveDoesNotKnowStopsItBeforeItBegins() {
        fill(1);
        sql("create table thing_of_tomorrow (id integer)");
        assertThatThrownBy(() -> move(100, () -> {}))
                .isInstanceOf(MoveFault.class)
                .hasMessageContaining("does not know how to move: thing_of_tomorrow");
        sql("drop table thing_of_tomorrow");
        sql("alter table host add column mood varchar(16)");
        assertThatThrownBy(() -> move(100, () -> {}))
                .isInstanceOf(MoveFault.class)
                .hasMessageContaining("The column mood of the table host is not in");
    }

    @Test
    void whatIsNotOfThisMoveIsNotMixedWithIt() throws IOException {
        fill(1);
        try (Rooms other = new Rooms(TestServer.open(server, null), Rooms.SETTINGS)) {
            other.register("somebody-elses", PLENTY, Rooms.sandbox(77));
        }
        assertThatThrownBy(() -> move(100, () -> {}))
                .isInstanceOf(MoveFault.class)
                .hasMessageContaining("is not empty")
                .hasMessageContaining("registered_database, sandbox");
        assertThat(data.resolve("moved")).doesNotExist();
        new Rooms(data).close(); // Nothing has happened to it.
    }

    @Test
    void aMoveThatWasCalledOffMustBeginOnAnEmptyTarget() throws IOException {
        fill(5);
        assertThatThrownBy(() -> move(2, () -> {
                    throw new Broken();
                }))
                .isInstanceOf(Broken.class);
        Files.delete(data.resolve("moved"));
        new Rooms(data).close(); // It starts again.
        assertThatThrownBy(() -> move(2, () -> {}))
                .isInstanceOf(MoveFault.class)
                .hasMessageContaining("not of this move (moved_store)");
    }

    @Test
    void aGatewayThatRunsOnTheTargetStopsTheMove() {
        fill(5);
        try (Store target = TestServer.open(server, null)) {
            target.write(tx -> {
                tx.change("insert into gateway (seen_at) values (?)", tx.now());
                return null;
            });
        }
        assertThatThrownBy(() -> move(100, () -> {}))
                .isInstanceOf(MoveFault.class)
                .hasMessageContaining("1 gateways run on the target. Stop them");
    }

    @Test
    void aDifferenceIsFoundAndKeepsTheTargetShut() {
        fill(5);
        AtomicInteger chunks = new AtomicInteger();
        assertThatThrownBy(() -> move(2, () -> {
                    if (chunks.incrementAndGet() == 6) {
                        loseARowOfTheTarget();
                    }
                }))
                .isInstanceOf(MoveFault.class)
                .hasMessageContaining(
                        "The two stores are not the same: the table sandbox has 3 rows here and 2 rows there");
        assertThatThrownBy(() -> TestServer.open(server, null)).isInstanceOf(StoreStartException.class);
    }

    private void loseARowOfTheTarget() {
        try (Store target = TestServer.openToMove(server)) {
            target.write(tx -> {
                tx.change("delete from sandbox where id = ?", 2L);
                return null;
            });
        }
    }

    @Test
    void oneDamagedByteOfOneBodyIsFound() {
        fill(3);
        assertThatThrownBy(() -> move(1000, () -> {
                    if (moving.equals("spool")) {
                        flip();
                    }
                }))
                .isInstanceOf(MoveFault.class)
                .hasMessageContaining("the table spool has 9 rows here and 9 rows there, which are not the same");
    }

    private void flip() {
        try (Store target = TestServer.openToMove(server)) {
            target.write(tx -> tx.statement("update spool set body = set_byte(body, 60, get_byte(body, 60) # 1)"
                            + " where position = 4")
                    .executeUpdate());
        }
    }

    @Test
    void aPieceThatCannotBeReadGoesIntoQuarantineThereAsItWouldHere() throws IOException {
        fill(3);
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(data.resolve("journal"), "*.segment")) {
            for (Path segment : segments) {
                byte[] bytes = Files.readAllBytes(segment);
                int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("body 1/1");
                bytes[at] ^= 1;
                Files.write(segment, bytes);
            }
        }
        move(1000, () -> {});
        try (Rooms rooms = new Rooms(TestServer.open(server, null), Rooms.SETTINGS)) {
            Database lab = rooms.register("lab1", PLENTY, Rooms.sandbox(1));
            assertThat(rooms.spool.next(lab.id(), 0, 100, 1 << 20))
                    .extracting(SpooledBatch::key)
                    .containsExactly("key-0", "key-2");
            Totals totals = rooms.ledger.of(lab.id());
            assertThat(totals.discarded()).isEqualTo(2);
            assertThat(totals.imbalance()).isZero();
        }
    }

    @Test
    void everyTableOfTheSourceIsEitherMovedOrNamedAsNotToBe() throws SQLException {
        Set<String> known = new TreeSet<>(Schema.MOVED);
        known.addAll(Schema.SOURCES);
        try (Rooms rooms = new Rooms(data)) {
            Set<String> there = rooms.store.read(tx -> {
                Set<String> names = new TreeSet<>();
                try (var row = tx.statement(
                                "select name from sqlite_schema where type = 'table' and name <> 'sqlite_sequence'")
                        .executeQuery()) {
                    while (row.next()) {
                        names.add(row.getString(1));
                    }
                }
                return names;
            });
            assertThat(there).isEqualTo(known);
        }
    }
}
