package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Deciding;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * The durable queue before Lantern Rock: pieces that are appended, read by one lane for each database, passed by moving that
 * lane's cursor, and removed afterwards, many at a time; on a server by {@link SpoolRing whole partitions}. What waits is what lies
 * behind the cursor. A batch that fails its checksum goes to quarantine, its events are counted as discarded, and the lane goes on.
 *
 * <p>The batches lie in the journal, whose segments are freed when no piece in them is left. What waits for longer than most of
 * its segment, as that of a parked lane does, is moved into its row.
 */
public final class Spool {

    private static final String SAVE_SANDBOX = """
            insert into spool_sandbox (database_id, sandbox, last) values (?, ?, ?)
            on conflict (database_id, sandbox) do update set last = excluded.last""";
    private static final String CURSOR = "select passed, settled from lane where database_id = ?";
    private static final String MOVE = """
            insert into lane (database_id, passed, settled, head_events, head_bytes) values (?, ?, ?, ?, ?)
            on conflict (database_id) do update set passed = excluded.passed, settled = excluded.settled,
                head_events = excluded.head_events, head_bytes = excluded.head_bytes""";
    /** The pieces between the cursor and a position, without what of the first was passed or settled before. */
    private static final String PASSING = """
            select coalesce(sum(events), 0)
                    - coalesce((select head_events + settled from lane where database_id = ?), 0),
                coalesce(sum(bytes), 0) - coalesce((select head_bytes from lane where database_id = ?), 0)
            from spool
            where database_id = ? and last > coalesce((select passed from lane where database_id = ?), 0) and last <= ?""";

    private static final String SETTLE = """
            insert into lane (database_id, passed, settled, head_events, head_bytes) values (?, 0, ?, 0, 0)
            on conflict (database_id) do update set settled = excluded.settled""";
    /** Locks the lane's row, which is made for it if there is none. */
    private static final String SETTLE_NOTHING = """
            insert into lane (database_id, passed, settled, head_events, head_bytes) values (?, 0, 0, 0, 0)
            on conflict (database_id) do update set settled = lane.settled""";

    private static final String LAST = "select coalesce(max(last), 0) from spool where database_id = ?";
    private static final String AFTER = "select 1 from spool where database_id = ? and last > ? limit 1";
    private static final String HOLDS =
            "select 1 from spool_sandbox where database_id = ? and sandbox = ? and last > ?";
    private static final String FORGET_SANDBOXES = "delete from spool_sandbox where database_id = ?";
    private static final String FORGET_QUARANTINE = "delete from quarantine where database_id = ?";
    private static final Logger log = LoggerFactory.getLogger(Spool.class);

    private final Store store;
    private final Pieces pieces;
    private final SpoolReader reader;
    private final SpoolGauges gauges;
    private final Ledger ledger;
    private final Bodies bodies;
    private final Positioning positioning;
    private final Sweeper sweeper;
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();

    /** The spool of that store, which keeps bodies itself. */
    public Spool(Store store, Ledger ledger, SpoolGauges gauges) {
        this(store, Bodies.of(store), ledger, gauges);
    }

    /** The spool of that store, whose bodies lie there. */
    public Spool(Store store, Bodies bodies, Ledger ledger, SpoolGauges gauges) {
        this(store, bodies, ledger, gauges, SpoolRing.Bounds.USUAL);
    }

    Spool(Store store, Bodies bodies, Ledger ledger, SpoolGauges gauges, SpoolRing.Bounds bounds) {
        this.store = store;
        this.ledger = ledger;
        this.gauges = gauges;
        this.bodies = bodies;
        pieces = new Pieces(store, bodies);
        reader = new SpoolReader(store, pieces, new Quarantine(store, ledger, gauges));
        positioning = Positioning.of(store);
        sweeper = new Sweeper(store, bounds);
        gauges.start();
    }

    /** Tells a lane's keeper, after the commit, that something was appended for the database of that key. */
    public void onAppend(LongConsumer listener) {
        listeners.add(listener);
    }

    /**
     * Appends batches, those of one database in their order. For whoever decides.
     *
     * @return their positions
     */
    public long[] append(Deciding deciding, List<SpooledBatch> batches) {
        Changes changes = deciding.changes();
        long[] positions = new long[batches.size()];
        Positioning.Start start = positioning.start(deciding, positions.length);
        long end = start.before();
        Map<Long, List<Integer>> byDatabase = new LinkedHashMap<>();
        for (int i = 0; i < positions.length; i++) {
            byDatabase
                    .computeIfAbsent(batches.get(i).databaseId(), id -> new ArrayList<>())
                    .add(i);
        }
        List<Bodies.NewPiece> added = new ArrayList<>(byDatabase.size());
        Map<SandboxId, Long> sandboxes = new LinkedHashMap<>();
        for (Map.Entry<Long, List<Integer>> entry : byDatabase.entrySet()) {
            long databaseId = entry.getKey();
            sandboxes.clear();
            for (List<Integer> lot : bodies.lots(batches, entry.getValue())) {
                long first = end + 1;
                List<SpooledBatch> own = new ArrayList<>(lot.size());
                for (int index : lot) {
                    end++;
                    positions[index] = end;
                    own.add(batches.get(index));
                    sandboxes.put(batches.get(index).sandbox(), end);
                }
                added.add(Bodies.NewPiece.of(databaseId, start.slot(), first, own));
            }
            sandboxes.forEach((sandbox, last) -> changes.set(2, SAVE_SANDBOX, databaseId, sandbox.value(), last));
        }
        bodies.append(deciding, added);
        positioning.after(changes, end);
        changes.afterCommit(() ->
                added.forEach(piece -> gauges.added(new Waiting(piece.events(), piece.bytes()), changes.now())));
        changes.afterCommit(
                () -> byDatabase.keySet().forEach(id -> listeners.forEach(listener -> listener.accept(id))));
        return positions;
    }

    /** How far the lane of a database is. */
    public LaneCursor cursor(long databaseId) {
        return store.read(tx -> readCursor(tx, databaseId));
    }

    /** How far the lane of a database is. */
    public LaneCursor cursor(Tx tx, long databaseId) throws SQLException {
        return readCursor(tx, databaseId);
    }

    static LaneCursor readCursor(Tx tx, long databaseId) throws SQLException {
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
        return next(databaseId, after, maxBatches, maxBytes, (length, bytes, events) -> true);
    }

    /** The same, as far as there is room: none where there is none for the first. */
    public List<SpooledBatch> next(long databaseId, long after, int maxBatches, long maxBytes, Room room) {
        return reader.next(databaseId, after, maxBatches, maxBytes, room);
    }

    /** Whether anything is kept for a database after a position; it may all be in quarantine. */
    public boolean hasAfter(long databaseId, long after) {
        return store.read(tx -> {
            PreparedStatement statement = tx.statement(AFTER);
            statement.setLong(1, databaseId);
            statement.setLong(2, after);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        });
    }

    /** Moves a lane's cursor: every event up to that position has its outcome, which the caller counts. */
    public void pass(Tx tx, long databaseId, long position) throws SQLException {
        Waiting head = head(tx, databaseId, position);
        Waiting whole = upTo(tx, databaseId, position);
        Waiting gone = new Waiting(whole.events() + head.events(), whole.bytes() + head.bytes());
        tx.change(MOVE, databaseId, position, 0, head.events(), head.bytes());
        tx.afterCommit(() -> {
            gauges.removed(gone);
            sweeper.passed(databaseId);
        });
    }

    /** What waits of the pieces that end at a position or before it. */
    private static Waiting upTo(Tx tx, long databaseId, long position) throws SQLException {
        PreparedStatement passing = tx.statement(PASSING);
        for (int i = 1; i <= 4; i++) {
            passing.setLong(i, databaseId);
        }
        passing.setLong(5, position);
        try (ResultSet row = passing.executeQuery()) {
            row.next();
            return new Waiting(row.getLong(1), row.getLong(2));
        }
    }

    /** What a piece has up to a position that is not its last. */
    private Waiting head(Tx tx, long databaseId, long position) throws SQLException {
        Piece piece = Pieces.with(tx, databaseId, position);
        if (piece == null || piece.last() == position) {
            return Waiting.NOTHING;
        }
        try {
            Piece.Directory directory = pieces.directory(tx, piece);
            if (directory == null) {
                throw new IllegalStateException("the spool's piece at " + piece.first() + " is damaged");
            }
            Set<Long> aside = Pieces.aside(tx, databaseId, piece.first(), position);
            long events = 0;
            long bytes = 0;
            for (int i = 0; i <= position - piece.first(); i++) {
                if (!aside.contains(piece.first() + i)) {
                    events += directory.events(i);
                    bytes += directory.bytes(i);
                }
            }
            return new Waiting(events, bytes);
        } catch (IOException e) {
            throw new IllegalStateException("the spool's piece at " + piece.first() + " cannot be read", e);
        }
    }

    /**
     * Keeps how many events of the batch after the cursor have their outcome, which the caller counts, while others of it
     * still wait.
     */
    public void settle(Tx tx, long databaseId, int settled) throws SQLException {
        LaneCursor before = cursor(tx, databaseId);
        tx.change(SETTLE, databaseId, settled);
        tx.afterCommit(() -> gauges.removed(new Waiting(settled - before.settled(), 0)));
    }

    /** What of a database waits for its outcome. */
    public Waiting waiting(Tx tx, long databaseId) throws SQLException {
        return upTo(tx, databaseId, Long.MAX_VALUE);
    }

    /** Whether events of that sandbox wait in that database. */
    public boolean holds(Tx tx, long databaseId, SandboxId sandbox) throws SQLException {
        PreparedStatement statement = tx.statement(HOLDS);
        statement.setLong(1, databaseId);
        statement.setString(2, sandbox.value());
        statement.setLong(3, cursor(tx, databaseId).passed());
        try (ResultSet row = statement.executeQuery()) {
            return row.next();
        }
    }

    /** Throws away all that waits in a database, counts it as discarded for that reason, and says what it was. */
    public Waiting discard(Tx tx, long databaseId, String reason) throws SQLException {
        hold(tx, databaseId);
        Waiting waiting = waiting(tx, databaseId);
        PreparedStatement last = tx.statement(LAST);
        last.setLong(1, databaseId);
        long position;
        try (ResultSet row = last.executeQuery()) {
            row.next();
            position = row.getLong(1);
        }
        if (waiting.events() > 0) {
            long settled = settledBytes(tx, databaseId);
            pass(tx, databaseId, position);
            ledger.add(tx, databaseId, Account.DISCARDED, reason, waiting.events(), waiting.bytes() - settled);
        }
        return waiting;
    }

    /** Of the batch at the head of a lane, the bytes that the ledger has with the events that have their outcome; 0 if it is damaged. */
    private long settledBytes(Tx tx, long databaseId) throws SQLException {
        LaneCursor cursor = cursor(tx, databaseId);
        List<Piece> pieces = cursor.settled() == 0 ? List.of() : Pieces.after(tx, databaseId, cursor.passed(), 1);
        if (pieces.isEmpty()) {
            return 0;
        }
        Piece piece = pieces.getFirst();
        try {
            Piece.Directory directory = this.pieces.directory(tx, piece);
            Set<Long> aside = Pieces.aside(tx, databaseId, piece.first(), piece.last());
            for (int i = (int) Math.max(0, cursor.passed() + 1 - piece.first());
                    directory != null && i < directory.count();
                    i++) {
                if (!aside.contains(piece.first() + i)) {
                    return directory.settledBytes(i, cursor.settled());
                }
            }
        } catch (IOException e) {
            log.warn("{} cannot be read, so its bytes are counted whole: {}", piece, e.toString());
        }
        return 0;
    }

    /** Keeps a lane where it is until this is committed: who delivers for it may be in another process. */
    private void hold(Tx tx, long databaseId) throws SQLException {
        if (store.isShared()) {
            tx.change(SETTLE_NOTHING, databaseId);
        }
    }

    /** Forgets what is kept beside batches for a database that is removed; its lane goes with its last piece. */
    public void forget(Tx tx, long databaseId) throws SQLException {
        tx.change(FORGET_SANDBOXES, databaseId);
        tx.change(FORGET_QUARANTINE, databaseId);
        tx.afterCommit(() -> sweeper.passed(databaseId));
    }

    /** Looks how old the oldest batch is that waits; and, in a shared store, how much does. */
    public void refreshGauges() {
        gauges.refresh();
    }

    /**
     * Removes up to that many pieces that lanes have passed; or, where there is a ring, all of a slot that is passed.
     *
     * @return whether there may be more
     */
    public boolean sweep(int most) {
        return sweeper.sweep(most);
    }

    /** Gives back where bodies lie what no piece needs any more, and moves what is left over out of the way. */
    public void freeBodies() {
        bodies.free();
    }
}
