package org.svos.telemetry.gateway.ledger;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;
import org.svos.telemetry.gateway.store.Writing;

/**
 * What became of every event, counted in the same transaction as what it counts. A sum here and a row in the spool can so never
 * tell different stories, unless by a defect; and {@link Totals#imbalance} looks for one.
 */
public final class Ledger {

    /** The reason of an account that has none. */
    public static final String NO_REASON = "";

    private static final long HOUR_MILLIS = 3_600_000;

    private static final String ADD = """
            insert into ledger (database_id, account, reason, events, bytes) values (?, ?, ?, ?, ?)
            on conflict (database_id, account, reason)
            do update set events = ledger.events + excluded.events, bytes = ledger.bytes + excluded.bytes""";
    private static final String ADD_HOUR = """
            insert into usage_hour (database_id, hour, account, events, bytes) values (?, ?, ?, ?, ?)
            on conflict (database_id, hour, account)
            do update set events = usage_hour.events + excluded.events, bytes = usage_hour.bytes + excluded.bytes""";
    private static final String OF =
            "select account, reason, events from ledger where database_id = ? order by account, reason";
    /** As the view {@code waiting} has it, but without a look at what is passed and not removed yet. */
    private static final String WAITING_OF = """
            select coalesce(sum(events), 0) - coalesce((select head_events + settled from lane where database_id = ?), 0)
            from spool
            where database_id = ? and last > coalesce((select passed from lane where database_id = ?), 0)""";

    /** What waits, and what the equations fail by in each database, added up. */
    private static final String BALANCE = """
            select coalesce(sum(w.events), 0),
                coalesce(sum(abs(coalesce(l.came, 0)) + abs(coalesce(l.gone, 0) - coalesce(w.events, 0))), 0)
            from (select database_id,
                    sum(case when account = '%1$s' then events
                        when account in ('%2$s', '%3$s', '%4$s') then -events else 0 end) as came,
                    sum(case when account = '%2$s' then events
                        when account in ('%5$s', '%6$s', '%7$s', '%8$s') then -events else 0 end) as gone
                from ledger group by database_id) l
            full join waiting w on w.database_id = l.database_id""".formatted(
                    Account.RECEIVED.wireName(),
                    Account.ACCEPTED.wireName(),
                    Account.DUPLICATE.wireName(),
                    Account.REJECTED.wireName(),
                    Account.DELIVERED.wireName(),
                    Account.DEAD_LETTERED.wireName(),
                    Account.DISCARDED.wireName(),
                    Account.EXPIRED.wireName());

    private static final String ALL =
            "select account, reason, sum(events) from ledger group by account, reason order by account, reason";
    private static final String HOST_LOST = """
            select reason, sum(events) from (
                select reason, events from host_lost
                union all select reason, events from host_lost_past where database_id = 0) lost
            group by reason order by reason""";

    private static final String HOST_LOST_OF = """
            select reason, sum(events) from (
                select reason, events from host_lost l where exists (
                    select 1 from stream_sequence s
                    where s.database_id = ? and s.host_id = l.host_id and s.boot_id = l.boot_id)
                union all select reason, events from host_lost_past where database_id = ?) lost
            group by reason order by reason""";

    private final Store store;
    private final LedgerMeters meters;

    /** The ledger of that store. */
    public Ledger(Store store, LedgerMeters meters) {
        this.store = store;
        this.meters = meters;
    }

    /**
     * Counts events, and the decompressed bytes of their batch where those are theirs alone, in the transaction that gives them
     * this outcome. A negative count takes back, as when a dead letter is replayed.
     *
     * @param reason the contract's code, or {@link #NO_REASON}
     */
    public void add(Tx tx, long databaseId, Account account, String reason, long events, long bytes)
            throws SQLException {
        write(tx, databaseId, account, reason, events, bytes);
        String label = meters.label(tx, databaseId);
        tx.afterCommit(() -> meters.count(label, account, reason, events, bytes));
    }

    /**
     * The same among changes that are kept together.
     *
     * @param database the database's name
     */
    public void add(
            Changes changes, long databaseId, String database, Account account, String reason, long events, long bytes)
            throws SQLException {
        write(changes, databaseId, account, reason, events, bytes);
        changes.afterCommit(() -> meters.count(meters.label(databaseId, database), account, reason, events, bytes));
    }

    private static void write(Writing writing, long databaseId, Account account, String reason, long events, long bytes)
            throws SQLException {
        writing.add(3, ADD, databaseId, account.wireName(), reason, events, bytes);
        if (account.isUsage()) {
            long hour = Math.floorDiv(writing.now(), HOUR_MILLIS) * HOUR_MILLIS;
            writing.add(3, ADD_HOUR, databaseId, hour, account.wireName(), events, bytes);
        }
    }

    /** The ledger of one database, checked against what the spool holds. */
    public Totals of(long databaseId) {
        return store.read(tx -> of(tx, databaseId));
    }

    /** The ledger of all that was ever registered, each database checked by itself. */
    public Totals all() {
        return store.read(tx -> {
            // First what looks into the spool: from then on, no part of it can be emptied that this snapshot has
            // something in.
            long waiting;
            long imbalance;
            try (ResultSet row = tx.statement(BALANCE).executeQuery()) {
                row.next();
                waiting = row.getLong(1);
                imbalance = row.getLong(2);
            }
            Totals sums = sums(tx.statement(ALL), waiting);
            return sums.of(byReason(tx.statement(HOST_LOST)), imbalance);
        });
    }

    /** What the hosts lost that posted for one database, on the boots that they posted from. */
    public Map<String, Long> hostLost(long databaseId) {
        return store.read(tx -> {
            PreparedStatement of = tx.statement(HOST_LOST_OF);
            of.setLong(1, databaseId);
            of.setLong(2, databaseId);
            return byReason(of);
        });
    }

    private static Map<String, Long> byReason(PreparedStatement statement) throws SQLException {
        Map<String, Long> lost = new LinkedHashMap<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                lost.put(row.getString(1), row.getLong(2));
            }
        }
        return lost;
    }

    private static Totals of(Tx tx, long databaseId) throws SQLException {
        PreparedStatement select = tx.statement(WAITING_OF);
        for (int i = 1; i <= 3; i++) {
            select.setLong(i, databaseId);
        }
        long waiting;
        try (ResultSet row = select.executeQuery()) {
            row.next();
            waiting = row.getLong(1);
        }
        PreparedStatement of = tx.statement(OF);
        of.setLong(1, databaseId);
        return sums(of, waiting);
    }

    private static Totals sums(PreparedStatement lines, long waiting) throws SQLException {
        Map<Account, Long> sums = new EnumMap<>(Account.class);
        Map<String, Long> rejected = new LinkedHashMap<>();
        try (ResultSet row = lines.executeQuery()) {
            while (row.next()) {
                Account account = Account.of(row.getString(1));
                long events = row.getLong(3);
                sums.merge(account, events, Long::sum);
                if (account == Account.REJECTED) {
                    rejected.put(row.getString(2), events);
                }
            }
        }
        return Totals.of(sums, rejected, waiting);
    }
}
