package org.svos.telemetry.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;

/**
 * Gateways of the previous release run on while the first one of this release changes the schema under them. {@code ./dev bench
 * upgrade} does that with both releases' programs; here each statement of the previous one is held against the schema of this
 * one, and what it appends, passes and removes is met by this one's spool.
 */
class PreviousReleaseTest {

    private static final String SCHEMA = "6";
    private static final Quota PLENTY = new Quota(1L << 40, 1_000_000, 1_000_000, Quota.Mode.ENFORCE);

    private static List<String> statements() throws IOException {
        try (InputStream file = PreviousReleaseTest.class.getResourceAsStream("/previous-release.sql")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("--"))
                    .toList();
        }
    }

    /** The one statement that begins and ends so. */
    private static String statement(String begin, String end) throws IOException {
        List<String> found = statements().stream()
                .filter(sql -> sql.startsWith(begin) && sql.endsWith(end))
                .toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private static Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(TestServer.url(database), TestServer.USER, "");
    }

    private static void migrateToPrevious(String database) {
        Flyway.configure()
                .dataSource(TestServer.url(database), TestServer.USER, "")
                .locations(Dialect.POSTGRESQL.migrations())
                .placeholders(Dialect.POSTGRESQL.placeholders())
                .target(SCHEMA)
                .load()
                .migrate();
    }

    /** The server reads each, without running it, and says what is wrong with it. */
    private static List<String> refused(String database) throws SQLException, IOException {
        List<String> refused = new ArrayList<>();
        try (Connection connection = connect(database)) {
            for (String sql : statements()) {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    statement.getParameterMetaData();
                } catch (SQLException e) {
                    refused.add(sql + ": " + e.getMessage());
                }
            }
        }
        return refused;
    }

    @Test
    void everyStatementOfThePreviousReleaseIsAStatementStill() throws SQLException, IOException {
        String previous = TestServer.bareDatabase();
        migrateToPrevious(previous);
        assertThat(statements()).hasSizeGreaterThan(150);
        assertThat(refused(previous)).as("they are of that release").isEmpty();

        assertThat(refused(TestServer.database())).isEmpty();
    }

    private static void admit(Rooms rooms, String key) {
        Database lab = rooms.register("lab", PLENTY, Rooms.sandbox(1));
        rooms.admission.admit(Rooms.batch(lab, Rooms.sandbox(1), key, "the body of " + key, 2));
    }

    private static List<String> waiting(Rooms rooms) {
        Database lab = rooms.register("lab", PLENTY, Rooms.sandbox(1));
        long passed = rooms.spool.cursor(lab.id()).passed();
        return rooms.spool.next(lab.id(), passed, 100, 1 << 20).stream()
                .map(SpooledBatch::key)
                .toList();
    }

    /** Appends the last piece of one database to another, as the previous release does. */
    private static void append(String from, String to) throws SQLException, IOException {
        String columns = "last, database_id, events, bytes, admitted_at, length, body";
        String append = statement("insert into spool (position", "values (?, ?, ?, ?, ?, ?, ?, ?)");
        String position = statement("select nextval('spool_position')", "");
        try (Connection source = connect(from);
                Connection target = connect(to);
                ResultSet piece = source.createStatement()
                        .executeQuery("select " + columns + " from spool order by position desc limit 1");
                ResultSet next = target.createStatement().executeQuery(position);
                PreparedStatement insert = target.prepareStatement(append)) {
            assertThat(piece.next()).isTrue();
            next.next();
            insert.setLong(1, next.getLong(1));
            insert.setLong(2, next.getLong(1));
            for (int i = 2; i <= 5; i++) {
                insert.setLong(i + 1, piece.getLong(i));
            }
            insert.setInt(7, piece.getInt(6));
            insert.setBytes(8, piece.getBytes(7));
            insert.executeUpdate();
        }
    }

    @Test
    void whatWaitedBeforeTheUpgradeAndWhatOldAndNewGatewaysAppendIsOneLane() throws SQLException, IOException {
        String workshop = TestServer.database();
        String server = TestServer.bareDatabase();
        migrateToPrevious(server);
        try (Rooms rooms = new Rooms(TestServer.open(workshop, null), Rooms.SETTINGS)) {
            admit(rooms, "before");
        }
        append(workshop, server);
        try (Rooms rooms = new Rooms(TestServer.open(server, null), Rooms.SETTINGS);
                Rooms maker = new Rooms(TestServer.open(workshop, null), Rooms.SETTINGS)) {
            assertThat(waiting(rooms)).containsExactly("before");
            admit(rooms, "new");
            admit(maker, "old");
            append(workshop, server);
            admit(rooms, "newer");
            assertThat(waiting(rooms)).containsExactly("before", "new", "old", "newer");

            Database lab = rooms.register("lab", PLENTY, Rooms.sandbox(1));
            long third = rooms.spool.next(lab.id(), 0, 3, 1 << 20).getLast().position();
            passAndRemove(server, lab.id(), third);
            assertThat(waiting(rooms)).containsExactly("newer");
            assertThat(rooms.store.<Long>read(
                            tx -> rooms.spool.waiting(tx, lab.id()).events()))
                    .isEqualTo(2);
        }
    }

    /** As the previous release settles a delivery, and sweeps. */
    private static void passAndRemove(String server, long databaseId, long position) throws SQLException, IOException {
        try (Connection connection = connect(server);
                PreparedStatement passing = connection.prepareStatement(
                        statement("select coalesce(sum(s.events), 0) - l.head_events", "l.head_bytes"));
                PreparedStatement move =
                        connection.prepareStatement(statement("insert into lane", "head_bytes = excluded.head_bytes"));
                PreparedStatement remove = connection.prepareStatement(
                        statement("delete from spool where position in", "order by last limit ?)"))) {
            passing.setLong(1, databaseId);
            passing.setLong(2, databaseId);
            passing.setLong(3, position);
            try (ResultSet row = passing.executeQuery()) {
                row.next();
                assertThat(row.getLong(1)).isEqualTo(6);
            }
            move.setLong(1, databaseId);
            move.setLong(2, position);
            for (int i = 3; i <= 5; i++) {
                move.setLong(i, 0);
            }
            move.executeUpdate();
            remove.setLong(1, databaseId);
            remove.setLong(2, position);
            remove.setInt(3, 500);
            assertThat(remove.executeUpdate()).isEqualTo(3);
        }
    }
}
