package org.svos.telemetry.gateway.spool;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Gives back what lanes have passed, on a server: not row by row, each of which would leave a dead one behind, but by whole
 * partitions. There are {@link #SLOTS} of them, one is appended to, and lanes look into all.
 *
 * <pre>
 *        3: empty   4: empty            a turn, in this order
 *     2: empty         5: some wait       any but the present one of which all is passed   is truncated
 *     1: appended to   6: all passed      the present one is large or old, the next empty  the next one is appended to
 *        0: all wait   7: all passed      the same, and a little waits in the next one     that is moved to the present one
 * </pre>
 *
 * <p>If much waits in the next one, as when Lantern Rock is away, the present one goes on growing: to move that would cost as much as
 * to have appended it, and gain nothing.
 *
 * <p>Who appends reads the present slot with its positions and inserts a moment later. By then the ring may be a slot further, and
 * that one truncated even; the piece is then in a slot that nobody appends to any more, and is found there and waits there like any.
 * So nothing here depends on who knows what when; and a slot is looked into under a lock before it is truncated.
 */
final class SpoolRing {

    private static final Logger log = LoggerFactory.getLogger(SpoolRing.class);

    /** As many as there are partitions. */
    static final int SLOTS = 8;

    /**
     * When there is something to do.
     *
     * @param bytes of a slot that is large, with its indexes
     * @param millis after which it is old
     * @param littlePieces that are worth being moved
     * @param littleBytes of those
     */
    record Bounds(long bytes, long millis, int littlePieces, long littleBytes) {

        static final Bounds USUAL = new Bounds(256L << 20, Duration.ofMinutes(5).toMillis(), 1_000, 16 << 20);
    }

    /** Any number that nobody else takes: one process at a time turns the ring, and every process may. */
    private static final long KEY = 0x73706f6f6cL;

    private static final String ALONE = "select pg_try_advisory_xact_lock(" + KEY + ")";
    /** Each statement sees what was committed before it, and that is what is asked under a lock. */
    private static final String SEE_WHAT_IS_COMMITTED = "set transaction isolation level read committed";

    private static final String STATE = """
            select n, r.slot, r.since, pg_relation_size(('spool_' || n)::regclass),
                case when n = r.slot then pg_total_relation_size(('spool_' || n)::regclass) else 0 end
            from spool_ring r, generate_series(0, %d) n order by n""".formatted(SLOTS - 1);

    private static final String ADVANCE = "update spool_ring set slot = ?, since = ?";
    /** Lanes wait behind this wait, so it is a short one. */
    private static final String SHORTLY = "set local lock_timeout = '50ms'";

    /** Those that have anything in a slot, one after another: a look into the index for each, however many pieces it has. */
    private static final String HOLDERS = """
            with recursive holder (id) as (
                select min(database_id) from spool_%1$d where database_id >= ?
                union all
                select (select min(s.database_id) from spool_%1$d s where s.database_id > holder.id)
                from holder where holder.id is not null)
            """;

    private static final String WAITS = HOLDERS + """
            select holder.id from holder left join lane l on l.database_id = holder.id
            where (select max(s.last) from spool_%1$d s where s.database_id = holder.id) > coalesce(l.passed, 0)
            limit 1""";
    private static final String LEFT = HOLDERS + """
            select s.position, s.length from holder left join lane l on l.database_id = holder.id
                cross join lateral (
                    select position, length from spool_%1$d s
                    where s.database_id = holder.id and s.last > coalesce(l.passed, 0) order by s.last limit ?) s
            limit ?""";
    /** Takes the whole row along, as it is. */
    private static final String MOVE = "update spool set slot = ? where slot = ? and position = any (?)";

    private static final long MUCH_LEFT_REST_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long NOBODY = Long.MIN_VALUE;

    private final Store store;
    private final Bounds bounds;
    /** Of each slot, the database that was the first to have something waiting there. */
    private final long[] waiter = new long[SLOTS];

    private long muchLeftUntil = System.nanoTime();

    SpoolRing(Store store, Bounds bounds) {
        this.store = store;
        this.bounds = bounds;
        Arrays.fill(waiter, NOBODY);
    }

    /** The slot that is appended to, how long and how large; and which have anything in them, be it dead. */
    private record State(int slot, long since, long bytes, Set<Integer> filled) {

        int next() {
            return (slot + 1) % SLOTS;
        }
    }

    /**
     * One step. For one thread.
     *
     * @return whether there may be more to do
     */
    boolean turn() {
        return store.write(tx -> {
            tx.statement(SEE_WHAT_IS_COMMITTED).execute();
            if (!isAlone(tx)) {
                return false;
            }
            State ring = state(tx);
            for (int i = 1; i < SLOTS; i++) {
                int slot = (ring.slot + i) % SLOTS; // the oldest first
                if (ring.filled.contains(slot) && !stillWaits(tx, slot) && truncate(tx, slot)) {
                    return true;
                }
            }
            if (!ring.filled.contains(ring.slot)
                    || (ring.bytes < bounds.bytes && tx.now() - ring.since < bounds.millis)) {
                return false;
            }
            if (ring.filled.contains(ring.next())) {
                return moveWhatIsLeft(tx, ring.next(), ring.slot);
            }
            tx.change(ADVANCE, ring.next(), tx.now());
            return true;
        });
    }

    private static boolean isAlone(Tx tx) throws SQLException {
        try (ResultSet row = tx.statement(ALONE).executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static State state(Tx tx) throws SQLException {
        int slot = 0;
        long since = 0;
        long bytes = 0;
        Set<Integer> filled = new HashSet<>();
        try (ResultSet row = tx.statement(STATE).executeQuery()) {
            while (row.next()) {
                slot = row.getInt(2);
                since = row.getLong(3);
                if (row.getLong(4) > 0) {
                    filled.add(row.getInt(1));
                }
                bytes += row.getLong(5);
            }
        }
        return new State(slot, since, bytes, filled);
    }

    /** Whether something waits in a slot, as far as that can be told from whom it was that waited last. */
    private boolean stillWaits(Tx tx, int slot) throws SQLException {
        long found = waiter(tx, slot, waiter[slot]);
        waiter[slot] = found;
        return found != NOBODY;
    }

    /** The first database, from that one on, of which something waits in a slot. */
    private static long waiter(Tx tx, int slot, long from) throws SQLException {
        PreparedStatement waits = tx.statement(WAITS.formatted(slot));
        waits.setLong(1, from);
        try (ResultSet row = waits.executeQuery()) {
            return row.next() ? row.getLong(1) : NOBODY;
        }
    }

    /** Empties a slot, unless it turns out that something waits in it, or somebody holds it for longer than a moment. */
    private boolean truncate(Tx tx, int slot) throws SQLException {
        Connection connection = tx.connection();
        Savepoint before = connection.setSavepoint();
        try {
            tx.statement(SHORTLY).execute();
            // Nobody writes to it from here on, and all may read. Passed stays passed.
            tx.statement("lock table spool_" + slot + " in share mode").execute();
            waiter[slot] = waiter(tx, slot, NOBODY);
            if (waiter[slot] != NOBODY) {
                connection.rollback(before);
                return false;
            }
            tx.statement("truncate table only spool_" + slot).execute();
            return true;
        } catch (SQLException e) {
            connection.rollback(before);
            if (!isHeld(e)) {
                throw e;
            }
            log.debug("Slot {} of the spool is held, and emptied later", slot);
            return false;
        }
    }

    private static boolean isHeld(SQLException e) {
        // lock_not_available, deadlock_detected
        return "55P03".equals(e.getSQLState()) || "40P01".equals(e.getSQLState());
    }

    /** Moves what waits from one slot to another, if that is little; whether it did. */
    private boolean moveWhatIsLeft(Tx tx, int from, int to) throws SQLException {
        if (System.nanoTime() - muchLeftUntil < 0) {
            return false;
        }
        int tooMany = bounds.littlePieces + 1;
        PreparedStatement select = tx.statement(LEFT.formatted(from));
        select.setLong(1, NOBODY);
        select.setInt(2, tooMany);
        select.setInt(3, tooMany);
        List<Long> positions = new ArrayList<>();
        long bytes = 0;
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                positions.add(row.getLong(1));
                bytes += row.getLong(2);
            }
        }
        if (positions.size() == tooMany || bytes > bounds.littleBytes) {
            muchLeftUntil = System.nanoTime() + MUCH_LEFT_REST_NANOS;
            return false;
        }
        PreparedStatement move = tx.statement(MOVE);
        move.setInt(1, to);
        move.setInt(2, from);
        move.setArray(3, tx.numbers(positions));
        waiter[from] = NOBODY;
        return move.executeUpdate() > 0;
    }
}
