package org.svos.telemetry.gateway.quota;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * The quota states of all databases: in the store, and in memory as of this process's last commit, which is the last one where it has
 * the store to itself.
 */
public final class Quotas {

    private static final String LOAD = "select day, day_used, debt, debt_at from quota where database_id = ?";
    private static final String ALL =
            "select day, day_used, debt, debt_at, database_id from quota where database_id = any (?)";
    private static final String SAVE = """
            insert into quota (database_id, day, day_used, debt, debt_at) values (?, ?, ?, ?, ?)
            on conflict (database_id) do update set day = excluded.day, day_used = excluded.day_used,
                debt = excluded.debt, debt_at = excluded.debt_at""";

    private final Store store;
    private final ConcurrentMap<Long, QuotaState> committed = new ConcurrentHashMap<>();

    /** The quota states of that store. */
    public Quotas(Store store) {
        this.store = store;
    }

    /** What a database has used, as of the last commit. */
    public QuotaState state(long databaseId) {
        return store.isShared() ? store.read(tx -> load(tx, databaseId)) : lastSeen(databaseId);
    }

    /**
     * The same as of the last commit of this process: what a refusal tells, that must not ask a store which is slow or gone. Others
     * may have used more since. Only of a database that was never seen here the store is asked.
     */
    public QuotaState lastSeen(long databaseId) {
        QuotaState state = committed.get(databaseId);
        // Put by whoever comes first: what a commit put in the meantime is later than what was read here.
        return state != null ? state : keep(databaseId, store.read(tx -> load(tx, databaseId)));
    }

    private QuotaState keep(long databaseId, QuotaState loaded) {
        QuotaState earlier = committed.putIfAbsent(databaseId, loaded);
        return earlier != null ? earlier : loaded;
    }

    private static QuotaState load(Tx tx, long databaseId) throws SQLException {
        PreparedStatement load = tx.statement(LOAD);
        load.setLong(1, databaseId);
        try (ResultSet row = load.executeQuery()) {
            return row.next() ? state(row) : QuotaState.UNUSED;
        }
    }

    private static QuotaState state(ResultSet row) throws SQLException {
        return new QuotaState(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
    }

    /** The same of several at once; without those that have used nothing. */
    public Map<Long, QuotaState> states(Collection<Long> databaseIds) {
        if (store.isShared()) {
            return store.read(tx -> states(tx, databaseIds));
        }
        Map<Long, QuotaState> states = new HashMap<>();
        databaseIds.forEach(id -> states.put(id, lastSeen(id)));
        return states;
    }

    /** What those databases have used, of a shared store; without those that have used nothing. */
    public static Map<Long, QuotaState> states(Tx tx, Collection<Long> databaseIds) throws SQLException {
        Map<Long, QuotaState> states = new HashMap<>();
        PreparedStatement all = tx.statement(ALL);
        all.setArray(1, tx.numbers(databaseIds));
        try (ResultSet row = all.executeQuery()) {
            while (row.next()) {
                states.put(row.getLong(5), state(row));
            }
        }
        return states;
    }

    /** Stores a state, and shows it to others once it is durable. */
    public void save(Changes changes, long databaseId, QuotaState state) {
        changes.set(1, SAVE, databaseId, state.day(), state.dayUsed(), state.debt(), state.debtAt());
        changes.afterCommit(() -> committed.put(databaseId, state));
    }

    /** Forgets a database that is no longer registered. */
    public void forget(Tx tx, long databaseId) throws SQLException {
        PreparedStatement remove = tx.statement("delete from quota where database_id = ?");
        remove.setLong(1, databaseId);
        remove.executeUpdate();
        tx.afterCommit(() -> committed.remove(databaseId));
    }
}
