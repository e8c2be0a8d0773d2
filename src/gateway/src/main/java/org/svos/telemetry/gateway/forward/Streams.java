package org.svos.telemetry.gateway.forward;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.svos.telemetry.gateway.forward.Stream.OpenSession;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.Holdings;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;
import org.svos.telemetry.lanternrock.Delivery.Application;

/**
 * Streams in the store. One that is closed has no row. One that nobody has touched for {@link #KEPT} is forgotten: the end of
 * its session never came, and its host will not boot that boot again.
 */
final class Streams implements Holdings {

    static final Duration KEPT = Duration.ofDays(30);

    private static final Duration SWEEP_EVERY = Duration.ofHours(1);
    private static final Duration TOUCH_EVERY = Duration.ofDays(1);
    private static final String GET = """
            select session_id, session_name, session_start, application_name, application_version, changed_at
            from stream_session
            where database_id = ? and sandbox = ? and host_id = ? and boot_id = ?""";
    private static final String PUT = """
            insert into stream_session (database_id, sandbox, host_id, boot_id, session_id, session_name, session_start,
                application_name, application_version, changed_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (database_id, sandbox, host_id, boot_id) do update set
                session_id = excluded.session_id, session_name = excluded.session_name,
                session_start = excluded.session_start, application_name = excluded.application_name,
                application_version = excluded.application_version, changed_at = excluded.changed_at""";
    private static final String REMOVE =
            "delete from stream_session where database_id = ? and sandbox = ? and host_id = ? and boot_id = ?";
    private static final String REMOVE_OF = "delete from stream_session where database_id = ?";
    private static final String REMOVE_CUTS_OF = "delete from lane_cut where database_id = ?";
    private static final String SWEEP = "delete from stream_session where changed_at < ?";

    private final Store store;
    private final AtomicLong sweptAt = new AtomicLong();

    Streams(Store store) {
        this.store = store;
    }

    /** A stream as it is in the store, where it has a row since {@code touchedAt}; 0 if it has none. */
    record Stored(Stream stream, long touchedAt) {

        static final Stored NOT = new Stored(Stream.CLOSED, 0);
    }

    Stored get(Stream.Key key) {
        return store.read(tx -> {
            PreparedStatement get = tx.statement(GET);
            key(get, key);
            try (ResultSet row = get.executeQuery()) {
                return row.next() ? new Stored(stream(row), row.getLong(6)) : Stored.NOT;
            }
        });
    }

    private static Stream stream(ResultSet row) throws SQLException {
        String id = row.getString(1);
        OpenSession session =
                id == null ? null : new OpenSession(id, row.getString(2), Instant.parse(row.getString(3)));
        String name = row.getString(4);
        String version = row.getString(5);
        return new Stream(session, name == null && version == null ? null : new Application(name, version));
    }

    /** Stores what a stream has become, if that is news, or the row would pass for one that nobody touches. */
    void put(Tx tx, Stream.Key key, Stored before, Stream stream) throws SQLException {
        boolean isFresh = stream.isClosed() || tx.now() - before.touchedAt() < TOUCH_EVERY.toMillis();
        if (isFresh && before.stream().equals(stream)) {
            return;
        }
        if (stream.isClosed()) {
            PreparedStatement remove = tx.statement(REMOVE);
            key(remove, key);
            remove.executeUpdate();
            return;
        }
        OpenSession session = stream.session();
        Application application = stream.application();
        PreparedStatement put = tx.statement(PUT);
        key(put, key);
        put.setString(5, session == null ? null : session.id());
        put.setString(6, session == null ? null : session.name());
        put.setString(7, session == null ? null : session.start().toString());
        put.setString(8, application == null ? null : application.name());
        put.setString(9, application == null ? null : application.version());
        put.setLong(10, tx.now());
        put.executeUpdate();
        sweep(tx);
    }

    private void sweep(Tx tx) throws SQLException {
        if (tx.now() - sweptAt.get() >= SWEEP_EVERY.toMillis()) {
            PreparedStatement sweep = tx.statement(SWEEP);
            sweep.setLong(1, tx.now() - KEPT.toMillis());
            sweep.executeUpdate();
            tx.afterCommit(() -> sweptAt.set(tx.now()));
        }
    }

    /** Streams, and where the batch at the head of the lane was cut. */
    @Override
    public void discard(Tx tx, Database database, String reason) throws SQLException {
        tx.change(REMOVE_OF, database.id());
        tx.change(REMOVE_CUTS_OF, database.id());
    }

    private static void key(PreparedStatement statement, Stream.Key key) throws SQLException {
        statement.setLong(1, key.databaseId());
        statement.setString(2, key.sandbox());
        statement.setString(3, key.host());
        statement.setString(4, key.boot());
    }
}
