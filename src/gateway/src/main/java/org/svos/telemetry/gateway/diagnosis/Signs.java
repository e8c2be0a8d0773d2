package org.svos.telemetry.gateway.diagnosis;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.store.Tx;

/**
 * What the store knows of a database, read in one snapshot.
 *
 * @param sandboxes that are registered, and how many of those are suspended
 * @param oldest admission of the batch that waits longest
 */
record Signs(
        long sandboxes,
        long suspended,
        @Nullable Instant oldest,
        long deadLetters,
        Map<String, Long> rejected,
        List<Diagnosis.Host> hosts) {

    /** Of more hosts than that those that lose or lack something are told first. */
    static final int MOST_HOSTS = 100;

    private static final String SANDBOXES = """
            select count(*), coalesce(sum(case when state = 'suspended' then 1 else 0 end), 0) from sandbox
            where database_id = ?""";
    private static final String OLDEST = """
            select admitted_at from spool where database_id = ?
                and last > coalesce((select passed from lane where database_id = ?), 0)
            order by last limit 1""";
    private static final String DEAD = "select coalesce(sum(events), 0) from dead_letter where database_id = ?";
    private static final String REJECTED = """
            select reason, events from ledger where database_id = ? and account = 'rejected' order by reason""";
    private static final String HOSTS = """
            select s.host_id, h.name, h.last_batch_at, s.missing,
                coalesce((select sum(l.events) from host_lost l where l.host_id = s.host_id), 0) as lost
            from (select host_id, sum(highest - lowest + 1 - received) as missing from stream_sequence
                where database_id = ? group by host_id) s
            join host h on h.id = s.host_id
            order by case when s.missing > 0 or exists
                (select 1 from host_lost l where l.host_id = s.host_id and l.events > 0) then 0 else 1 end,
                h.last_batch_at desc limit ?""";

    static Signs read(Tx tx, long databaseId, boolean all) throws SQLException {
        long sandboxes;
        long suspended;
        try (ResultSet row = of(tx, SANDBOXES, databaseId)) {
            row.next();
            sandboxes = row.getLong(1);
            suspended = row.getLong(2);
        }
        PreparedStatement select = tx.statement(OLDEST);
        select.setLong(1, databaseId);
        select.setLong(2, databaseId);
        Instant oldest;
        try (ResultSet row = select.executeQuery()) {
            oldest = row.next() ? Instant.ofEpochMilli(row.getLong(1)) : null;
        }
        long dead;
        try (ResultSet row = of(tx, DEAD, databaseId)) {
            row.next();
            dead = row.getLong(1);
        }
        Map<String, Long> rejected = new LinkedHashMap<>();
        try (ResultSet row = of(tx, REJECTED, databaseId)) {
            while (row.next()) {
                rejected.put(row.getString(1), row.getLong(2));
            }
        }
        return new Signs(sandboxes, suspended, oldest, dead, rejected, hosts(tx, databaseId, all));
    }

    private static List<Diagnosis.Host> hosts(Tx tx, long databaseId, boolean all) throws SQLException {
        PreparedStatement select = tx.statement(HOSTS);
        select.setLong(1, databaseId);
        select.setInt(2, MOST_HOSTS);
        List<Diagnosis.Host> hosts = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                long lost = row.getLong(5);
                hosts.add(new Diagnosis.Host(
                        row.getString(1),
                        row.getString(2),
                        Instant.ofEpochMilli(row.getLong(3)),
                        row.getLong(4),
                        lost > 0,
                        all ? lost : null));
            }
        }
        return hosts;
    }

    private static ResultSet of(Tx tx, String sql, long databaseId) throws SQLException {
        PreparedStatement select = tx.statement(sql);
        select.setLong(1, databaseId);
        return select.executeQuery();
    }
}
