package org.svos.telemetry.gateway.spool;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * The durable queue before Lantern Rock: rows of the store that are appended, read by one lane for each database, passed by
 * moving that lane's cursor, and removed afterwards, many at a time. What waits is what lies behind the cursor. A row whose
 * body fails its checksum goes to quarantine, its events are counted as discarded, and the lane goes on.
 */
public final class Spool {

    private static final String APPEND = """
            insert into spool (database_id, events, bytes, admitted_at, sandbox, key, encoding, checksum, body)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)""";
    static final String CURSOR = "select passed, settled from lane where database_id = ?";
    private static final String MOVE = """
            insert into lane (database_id, passed, settled) values (?, ?, ?)
            on conflict (database_id) do update set passed = excluded.passed, settled = excluded.settled""";
    private static final String BETWEEN = """
            select coalesce(sum(events), 0), coalesce(sum(bytes), 0) from spool
            where database_id = ? and position > ? and position <= ?""";
    private static final String WAITING = "select events, bytes from waiting where database_id = ?";
    private static final String HOLDS =
            "select 1 from spool where database_id = ? and position > ? and sandbox = ? limit 1";
    private static final String REMOVE = """
            delete from spool where position in (
                select position from spool where database_id = ? and position <= ? order by position limit ?)""";
    private static final String LANES = "select database_id from lane";

    private final Store store;
    private final SpoolReader reader;
    private final SpoolGauges gauges;
    private final Ledger ledger;
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
    private final Set<Long> unswept = ConcurrentHashMap.newKeySet();

    /** The spool of that store. */
    public Spool(Store store, Ledger ledger, SpoolGauges gauges) {
        this.store = store;
        this.ledger = ledger;
        this.gauges = gauges;
        this.reader = new SpoolReader(store, ledger, gauges);
        store.read(tx -> {
            try (ResultSet lanes = tx.statement(LANES).executeQuery()) {
                while (lanes.next()) {
                    unswept.add(lanes.getLong(1));
                }
            }
            gauges.start(tx);
            return null;
        });
    }

    /** Tells a lane's keeper, after the commit, that something was appended for the database of that key. */
    public void onAppend(LongConsumer listener) {
        listeners.add(listener);
    }

    /** Appends batches, in their order. Positions are given by the store. */
    public void append(Tx tx, List<SpooledBatch> batches) throws SQLException {
        PreparedStatement append = tx.statement(APPEND);
        Set<Long> databases = new LinkedHashSet<>();
        long events = 0;
        long bytes = 0;
        for (SpooledBatch batch : batches) {
            append.setLong(1, batch.databaseId());
            append.setInt(2, batch.events());
            append.setLong(3, batch.bytes());
            append.setLong(4, batch.admittedAt().toEpochMilli());
            append.setString(5, batch.sandbox().value());
            append.setString(6, batch.key());
            append.setString(7, batch.encoding().name().toLowerCase(Locale.ROOT));
            append.setLong(8, SpoolReader.checksum(batch.body()));
            append.setBytes(9, batch.body());
            append.executeUpdate();
            databases.add(batch.databaseId());
            events += batch.events();
            bytes += batch.bytes();
        }
        Waiting added = new Waiting(events, bytes);
        tx.afterCommit(() -> {
            gauges.added(added, tx.now());
            databases.forEach(id -> listeners.forEach(listener -> listener.accept(id)));
        });
    }

    /** How far the lane of a database is. */
    public LaneCursor cursor(long databaseId) {
        return store.read(tx -> cursor(tx, databaseId));
    }

    /** How far the lane of a database is. */
    public LaneCursor cursor(Tx tx, long databaseId) throws SQLException {
        PreparedStatement statement = tx.statement(CURSOR);
        statement.setLong(1, databaseId);
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? new LaneCursor(row.getLong(1), row.getInt(2)) : LaneCursor.START;
        }
    }

    /**
     * The batches of a database after a position, in their order: at most {@code maxBatches}, and no more than come to {@code
     * maxBytes} of bodies as they are stored, but one at least if there is one.
     */
    public List<SpooledBatch> next(long databaseId, long after, int maxBatches, long maxBytes) {
        return reader.next(databaseId, after, maxBatches, maxBytes);
    }

    /** Moves a lane's cursor: every event up to that position has its outcome, which the caller counts. */
    public void pass(Tx tx, long databaseId, long position) throws SQLException {
        LaneCursor before = cursor(tx, databaseId);
        PreparedStatement between = tx.statement(BETWEEN);
        between.setLong(1, databaseId);
        between.setLong(2, before.passed());
        between.setLong(3, position);
        Waiting gone;
        try (ResultSet row = between.executeQuery()) {
            row.next();
            gone = new Waiting(row.getLong(1) - before.settled(), row.getLong(2));
        }
        move(tx, databaseId, position, 0);
        tx.afterCommit(() -> {
            gauges.removed(gone);
            unswept.add(databaseId);
        });
    }

    /**
     * Keeps how many events of the batch after the cursor have their outcome, which the caller counts, while others of it
     * still wait.
     */
    public void settle(Tx tx, long databaseId, int settled) throws SQLException {
        LaneCursor before = cursor(tx, databaseId);
        move(tx, databaseId, before.passed(), settled);
        tx.afterCommit(() -> gauges.removed(new Waiting(settled - before.settled(), 0)));
    }

    private static void move(Tx tx, long databaseId, long passed, int settled) throws SQLException {
        PreparedStatement move = tx.statement(MOVE);
        move.setLong(1, databaseId);
        move.setLong(2, passed);
        move.setInt(3, settled);
        move.executeUpdate();
    }

    /** What of a database waits for its outcome. */
    public Waiting waiting(Tx tx, long databaseId) throws SQLException {
        PreparedStatement statement = tx.statement(WAITING);
        statement.setLong(1, databaseId);
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? new Waiting(row.getLong(1), row.getLong(2)) : Waiting.NOTHING;
        }
    }

    /** Whether events of that sandbox wait in that database. */
    public boolean holds(Tx tx, long databaseId, SandboxId sandbox) throws SQLException {
        PreparedStatement statement = tx.statement(HOLDS);
        statement.setLong(1, databaseId);
        statement.setLong(2, cursor(tx, databaseId).passed());
        statement.setString(3, sandbox.value());
        try (ResultSet row = statement.executeQuery()) {
            return row.next();
        }
    }

    /** Throws away all that waits in a database, counts it as discarded for that reason, and says what it was. */
    public Waiting discard(Tx tx, long databaseId, String reason) throws SQLException {
        Waiting waiting = waiting(tx, databaseId);
        PreparedStatement last = tx.statement("select coalesce(max(position), 0) from spool where database_id = ?");
        last.setLong(1, databaseId);
        long position;
        try (ResultSet row = last.executeQuery()) {
            row.next();
            position = row.getLong(1);
        }
        if (waiting.events() > 0) {
            pass(tx, databaseId, position);
            ledger.add(tx, databaseId, Account.DISCARDED, reason, waiting.events(), waiting.bytes());
        }
        return waiting;
    }

    /** Looks how old the oldest batch is that waits. */
    public void refreshGauges() {
        store.read(tx -> {
            gauges.refreshOldest(tx);
            return null;
        });
    }

    /**
     * Removes up to that many rows that lanes have passed.
     *
     * @return whether there may be more
     */
    public boolean sweep(int rows) {
        for (Long databaseId : unswept) {
            int removed = store.write(tx -> {
                long position = cursor(tx, databaseId).passed();
                PreparedStatement remove = tx.statement(REMOVE);
                remove.setLong(1, databaseId);
                remove.setLong(2, position);
                remove.setInt(3, rows);
                int count = remove.executeUpdate();
                if (count < rows) {
                    tx.afterCommit(() -> unswept.remove(databaseId));
                }
                return count;
            });
            if (removed > 0) {
                return true;
            }
        }
        return false;
    }
}
