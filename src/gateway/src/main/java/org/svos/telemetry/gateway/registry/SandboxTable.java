package org.svos.telemetry.gateway.registry;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.store.Tx;

/** The SQL of registered sandboxes. */
final class SandboxTable {

    private static final String SELECT =
            "select id, sandbox_id, database_id, state, created_at, changed_at from sandbox ";

    private SandboxTable() {}

    static List<Sandbox> all(Tx tx) throws SQLException {
        return rows(tx.statement(SELECT));
    }

    /** Those of a database after an ID, in the order of their IDs. */
    static List<Sandbox> list(Tx tx, long databaseId, String after, int limit) throws SQLException {
        PreparedStatement select =
                tx.statement(SELECT + "where database_id = ? and sandbox_id > ? order by sandbox_id limit ?");
        select.setLong(1, databaseId);
        select.setString(2, after);
        select.setInt(3, limit);
        return rows(select);
    }

    static List<Sandbox> ofDatabase(Tx tx, long databaseId) throws SQLException {
        PreparedStatement select = tx.statement(SELECT + "where database_id = ?");
        select.setLong(1, databaseId);
        return rows(select);
    }

    static @Nullable Sandbox find(Tx tx, SandboxId id) throws SQLException {
        PreparedStatement select = tx.statement(SELECT + "where sandbox_id = ?");
        select.setString(1, id.value());
        List<Sandbox> found = rows(select);
        return found.isEmpty() ? null : found.getFirst();
    }

    static @Nullable Sandbox find(Tx tx, long key) throws SQLException {
        PreparedStatement select = tx.statement(SELECT + "where id = ?");
        select.setLong(1, key);
        List<Sandbox> found = rows(select);
        return found.isEmpty() ? null : found.getFirst();
    }

    static boolean exists(Tx tx, long key) throws SQLException {
        PreparedStatement select = tx.statement("select 1 from sandbox where id = ?");
        select.setLong(1, key);
        try (ResultSet row = select.executeQuery()) {
            return row.next();
        }
    }

    static Sandbox insert(Tx tx, long databaseId, SandboxId id) throws SQLException {
        PreparedStatement insert = tx.statement(
                "insert into sandbox"
                        + " (sandbox_id, database_id, state, created_at, changed_at) values (?, ?, 'active', ?, ?) returning id");
        insert.setString(1, id.value());
        insert.setLong(2, databaseId);
        insert.setLong(3, tx.now());
        insert.setLong(4, tx.now());
        try (ResultSet row = insert.executeQuery()) {
            row.next();
            Instant now = Instant.ofEpochMilli(tx.now());
            return new Sandbox(row.getLong(1), id, databaseId, Database.State.ACTIVE, now, now);
        }
    }

    static void update(Tx tx, Sandbox sandbox) throws SQLException {
        PreparedStatement update = tx.statement("update sandbox set state = ?, changed_at = ? where id = ?");
        update.setString(1, DatabaseTable.word(sandbox.state()));
        update.setLong(2, sandbox.changedAt().toEpochMilli());
        update.setLong(3, sandbox.key());
        update.executeUpdate();
    }

    static void delete(Tx tx, long key) throws SQLException {
        PreparedStatement delete = tx.statement("delete from sandbox where id = ?");
        delete.setLong(1, key);
        delete.executeUpdate();
    }

    static void deleteOfDatabase(Tx tx, long databaseId) throws SQLException {
        PreparedStatement delete = tx.statement("delete from sandbox where database_id = ?");
        delete.setLong(1, databaseId);
        delete.executeUpdate();
    }

    private static List<Sandbox> rows(PreparedStatement select) throws SQLException {
        List<Sandbox> sandboxes = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                sandboxes.add(new Sandbox(
                        row.getLong("id"),
                        new SandboxId(row.getString("sandbox_id")),
                        row.getLong("database_id"),
                        Database.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                        Instant.ofEpochMilli(row.getLong("created_at")),
                        Instant.ofEpochMilli(row.getLong("changed_at"))));
            }
        }
        return sandboxes;
    }
}
