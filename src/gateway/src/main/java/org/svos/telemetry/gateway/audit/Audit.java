package org.svos.telemetry.gateway.audit;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.store.Tx;

/** The audit trail. */
public final class Audit {

    private static final int MAX_DETAIL = 4096;

    private Audit() {}

    /**
     * Notes a change. It is kept if and only if the change is.
     *
     * @param action such as {@code database.register}
     * @param target what was changed, by its public name
     * @param detail how; never a secret
     */
    public static void add(Tx tx, Caller actor, String action, String target, String detail) throws SQLException {
        PreparedStatement insert =
                tx.statement("insert into audit (at, actor, action, target, detail) values (?, ?, ?, ?, ?)");
        insert.setLong(1, tx.now());
        insert.setString(2, actor.name());
        insert.setString(3, action);
        insert.setString(4, target);
        insert.setString(5, detail.length() <= MAX_DETAIL ? detail : detail.substring(0, MAX_DETAIL - 1) + "…");
        insert.executeUpdate();
    }

    /** Entries before one, the newest first, at most {@code limit}. */
    static List<Entry> before(Tx tx, long id, int limit) throws SQLException {
        PreparedStatement select = tx.statement(
                "select id, at, actor, action, target, detail from audit where id < ? order by id desc limit ?");
        select.setLong(1, id);
        select.setInt(2, limit);
        List<Entry> entries = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                entries.add(new Entry(
                        row.getLong("id"),
                        Instant.ofEpochMilli(row.getLong("at")),
                        row.getString("actor"),
                        row.getString("action"),
                        row.getString("target"),
                        row.getString("detail")));
            }
        }
        return entries;
    }

    /** One change: who ({@code actor}, the name of a token) did what to what, and how. */
    record Entry(long id, Instant at, String actor, String action, String target, String detail) {}
}
