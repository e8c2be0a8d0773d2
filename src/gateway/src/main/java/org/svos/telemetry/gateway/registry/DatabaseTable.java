package org.svos.telemetry.gateway.registry;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.store.Tx;

/** The SQL of registered databases. */
final class DatabaseTable {

    private static final String SELECT = "select id, name, owner, description, state, bytes_per_day, events_per_second,"
            + " burst, quota_mode, retention_millis, revision, created_at, changed_at from registered_database ";

    private DatabaseTable() {}

    static List<Database> all(Tx tx) throws SQLException {
        return rows(tx.statement(SELECT));
    }

    /** Those after a name, in the order of their names. */
    static List<Database> list(Tx tx, String after, int limit) throws SQLException {
        PreparedStatement select = tx.statement(SELECT + "where name > ? order by name limit ?");
        select.setString(1, after);
        select.setInt(2, limit);
        return rows(select);
    }

    static @Nullable Database find(Tx tx, long id) throws SQLException {
        PreparedStatement select = tx.statement(SELECT + "where id = ?");
        select.setLong(1, id);
        List<Database> found = rows(select);
        return found.isEmpty() ? null : found.getFirst();
    }

    /** The new row, or null if the name is taken. */
    static @Nullable Database insert(Tx tx, NewDatabase wanted) throws SQLException {
        PreparedStatement insert = tx.statement("insert into registered_database (name, owner, description, state,"
                + " bytes_per_day, events_per_second, burst, quota_mode, revision, created_at, changed_at)"
                + " values (?, ?, ?, 'active', ?, ?, ?, ?, 1, ?, ?) on conflict (name) do nothing returning id");
        insert.setString(1, wanted.name());
        insert.setString(2, wanted.owner());
        insert.setString(3, wanted.description());
        insert.setLong(4, wanted.quota().bytesPerDay());
        insert.setLong(5, wanted.quota().eventsPerSecond());
        insert.setLong(6, wanted.quota().burst());
        insert.setString(7, word(wanted.quota().mode()));
        insert.setLong(8, tx.now());
        insert.setLong(9, tx.now());
        try (ResultSet row = insert.executeQuery()) {
            if (!row.next()) {
                return null;
            }
            Instant now = Instant.ofEpochMilli(tx.now());
            return new Database(
                    row.getLong(1),
                    wanted.name(),
                    wanted.owner(),
                    wanted.description(),
                    Database.State.ACTIVE,
                    wanted.quota(),
                    null,
                    1,
                    now,
                    now);
        }
    }

    static void update(Tx tx, Database database) throws SQLException {
        PreparedStatement update = tx.statement("update registered_database set owner = ?, description = ?, state = ?,"
                + " bytes_per_day = ?, events_per_second = ?, burst = ?, quota_mode = ?, retention_millis = ?,"
                + " revision = ?, changed_at = ? where id = ?");
        update.setString(1, database.owner());
        update.setString(2, database.description());
        update.setString(3, word(database.state()));
        update.setLong(4, database.quota().bytesPerDay());
        update.setLong(5, database.quota().eventsPerSecond());
        update.setLong(6, database.quota().burst());
        update.setString(7, word(database.quota().mode()));
        Duration retention = database.retention();
        if (retention == null) {
            update.setNull(8, Types.BIGINT);
        } else {
            update.setLong(8, retention.toMillis());
        }
        update.setLong(9, database.revision());
        update.setLong(10, database.changedAt().toEpochMilli());
        update.setLong(11, database.id());
        update.executeUpdate();
    }

    static void delete(Tx tx, long id) throws SQLException {
        PreparedStatement delete = tx.statement("delete from registered_database where id = ?");
        delete.setLong(1, id);
        delete.executeUpdate();
    }

    /** The word of a constant in the store. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static List<Database> rows(PreparedStatement select) throws SQLException {
        List<Database> databases = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                databases.add(database(row));
            }
        }
        return databases;
    }

    private static Database database(ResultSet row) throws SQLException {
        long retention = row.getLong("retention_millis");
        boolean forEver = row.wasNull();
        return new Database(
                row.getLong("id"),
                row.getString("name"),
                row.getString("owner"),
                row.getString("description"),
                Database.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                new Quota(
                        row.getLong("bytes_per_day"),
                        row.getLong("events_per_second"),
                        row.getLong("burst"),
                        Quota.Mode.valueOf(row.getString("quota_mode").toUpperCase(Locale.ROOT))),
                forEver ? null : Duration.ofMillis(retention),
                row.getLong("revision"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                Instant.ofEpochMilli(row.getLong("changed_at")));
    }
}
