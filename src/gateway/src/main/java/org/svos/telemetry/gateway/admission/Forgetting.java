package org.svos.telemetry.gateway.admission;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.Holdings;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Forgets what hosts told of themselves, where it was not heard of for {@link #KEPT}: hosts, boots and streams, of which a host can
 * make up as many as it posts batches. What such boots lost goes to the totals, so that the ledger tells it for ever; gaps are in
 * the ledger already. Of a removed database its streams are forgotten at once.
 *
 * <p>A boot that comes back after that is a new one.
 */
final class Forgetting implements Holdings {

    static final Duration KEPT = Duration.ofDays(90);

    private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);
    private static final long EVERY_MILLIS = TimeUnit.HOURS.toMillis(1);
    private static final long ALL_DATABASES = 0;

    /** A row changes when its loss grows, so a boot that its host still is on is not old, however old the row. */
    private static final String OLD_LOSSES = """
            select host_id, boot_id, reason, events from host_lost l where seen_day < ? and not exists (
                select 1 from host h where h.id = l.host_id and h.boot_id = l.boot_id and h.last_batch_at >= ?) limit ?""";

    private static final String DATABASES_OF =
            "select distinct database_id from stream_sequence where host_id = ? and boot_id = ?";
    private static final String ADD_PAST = """
            insert into host_lost_past (database_id, reason, events) values (?, ?, ?)
            on conflict (database_id, reason) do update set events = host_lost_past.events + excluded.events""";
    private static final String REMOVE_LOSS = "delete from host_lost where host_id = ? and boot_id = ? and reason = ?";
    private static final String REMOVE_STREAMS = """
            delete from stream_sequence where (database_id, sandbox, host_id, boot_id) in (
                select database_id, sandbox, host_id, boot_id from stream_sequence s where seen_day < ? and not exists (
                    select 1 from host_lost l where l.host_id = s.host_id and l.boot_id = s.boot_id) limit ?)""";
    private static final String REMOVE_HOSTS = """
            delete from host where id in (select id from host h where last_batch_at < ? and not exists (
                select 1 from host_lost l where l.host_id = h.id) limit ?)""";
    private static final String REMOVE_STREAMS_OF = "delete from stream_sequence where database_id = ?";
    private static final String REMOVE_PAST_OF = "delete from host_lost_past where database_id = ?";

    private final Store store;
    private long doneAt = Long.MIN_VALUE;

    Forgetting(Store store) {
        this.store = store;
    }

    /** The day that an instant lies in. */
    static long day(long millis) {
        return Math.floorDiv(millis, DAY_MILLIS);
    }

    private record Loss(String hostId, String bootId, String reason, long events) {}

    /**
     * Forgets that many rows of each kind, once an hour. For one thread.
     *
     * @return whether there may be more
     */
    boolean forget(int rows) {
        long now = store.now();
        if (now - EVERY_MILLIS < doneAt) {
            return false;
        }
        boolean isMore = store.write(tx -> {
            long before = now - KEPT.toMillis();
            boolean moreLosses = forgetLosses(tx, before, rows);
            boolean moreStreams = remove(tx, REMOVE_STREAMS, day(before), rows);
            boolean moreHosts = remove(tx, REMOVE_HOSTS, before, rows);
            return moreLosses || moreStreams || moreHosts;
        });
        if (!isMore) {
            doneAt = now;
        }
        return isMore;
    }

    private static boolean remove(Tx tx, String sql, long before, int rows) throws SQLException {
        PreparedStatement remove = tx.statement(sql);
        remove.setLong(1, before);
        remove.setInt(2, rows);
        return remove.executeUpdate() == rows;
    }

    private static boolean forgetLosses(Tx tx, long before, int rows) throws SQLException {
        List<Loss> old = new ArrayList<>();
        PreparedStatement select = tx.statement(OLD_LOSSES);
        select.setLong(1, day(before));
        select.setLong(2, before);
        select.setInt(3, rows);
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                old.add(new Loss(row.getString(1), row.getString(2), row.getString(3), row.getLong(4)));
            }
        }
        for (Loss loss : old) {
            tx.change(ADD_PAST, ALL_DATABASES, loss.reason, loss.events);
            for (long databaseId : databases(tx, loss)) {
                tx.change(ADD_PAST, databaseId, loss.reason, loss.events);
            }
            tx.change(REMOVE_LOSS, loss.hostId, loss.bootId, loss.reason);
        }
        return old.size() == rows;
    }

    private static List<Long> databases(Tx tx, Loss loss) throws SQLException {
        List<Long> ids = new ArrayList<>();
        PreparedStatement of = tx.statement(DATABASES_OF);
        of.setString(1, loss.hostId);
        of.setString(2, loss.bootId);
        try (ResultSet row = of.executeQuery()) {
            while (row.next()) {
                ids.add(row.getLong(1));
            }
        }
        return ids;
    }

    @Override
    public void discard(Tx tx, Database database, String reason) throws SQLException {
        tx.change(REMOVE_STREAMS_OF, database.id());
        tx.change(REMOVE_PAST_OF, database.id());
    }
}
