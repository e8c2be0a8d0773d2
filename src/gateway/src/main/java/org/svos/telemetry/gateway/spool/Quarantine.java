package org.svos.telemetry.gateway.spool;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.spool.Piece.Directory;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Where batches go that fail their checksum or cannot be read. Their events count as discarded, but for those that had their
 * outcome already; the lane goes on with the rest.
 */
final class Quarantine {

    private static final Logger log = LoggerFactory.getLogger(Quarantine.class);

    private static final String CORRUPT = "corrupt";
    private static final String ADD = """
            insert into quarantine (position, database_id, events, bytes, admitted_at, sandbox, key, batch, reason,
                quarantined_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (position) do nothing""";
    private static final String SHRINK = "update spool set events = events - ?, bytes = bytes - ? where position = ?";
    private static final String REMOVE = "delete from spool where position = ?";
    private static final String EARLIER =
            "select 1 from spool where database_id = ? and last > ? and position < ? limit 1";
    private static final String HEAD = "select settled, head_events, head_bytes from lane where database_id = ?";
    private static final String UNSETTLE = "update lane set settled = 0 where database_id = ?";
    private static final String NO_HEAD = "update lane set head_events = 0, head_bytes = 0 where database_id = ?";

    private final Store store;
    private final Ledger ledger;
    private final SpoolGauges gauges;

    Quarantine(Store store, Ledger ledger, SpoolGauges gauges) {
        this.store = store;
        this.ledger = ledger;
        this.gauges = gauges;
    }

    private record Head(int settled, long events, long bytes) {}

    /**
     * Puts one batch aside.
     *
     * @param bytes that were read, or null if they could not be
     * @param from where in them the batch begins
     */
    void one(Piece piece, Directory directory, int index, byte @Nullable [] bytes, int from) {
        long position = piece.first() + index;
        boolean done = store.writeUnsynced(tx -> {
            if (isGone(tx, piece)) {
                return false;
            }
            int length = directory.offset(index + 1) - directory.offset(index);
            byte[] kept = bytes == null ? null : Arrays.copyOfRange(bytes, from, from + length);
            String head = kept == null
                    ? ""
                    : new String(kept, 0, length - directory.bodyLength(index), StandardCharsets.ISO_8859_1);
            if (!add(tx, piece, position, directory.events(index), directory.bytes(index), head, kept)) {
                return false;
            }
            boolean isHead = isHead(tx, piece, position);
            int settled = isHead ? head(tx, piece.databaseId()).settled() : 0;
            if (settled > 0) {
                run(tx, UNSETTLE, piece.databaseId());
            }
            tx.change(SHRINK, directory.events(index), directory.bytes(index), piece.first());
            count(
                    tx,
                    piece,
                    new Waiting((long) directory.events(index) - settled, directory.bytes(index)),
                    directory.settledBytes(index, settled));
            return true;
        });
        if (done) {
            tell(piece, "A batch of " + directory.events(index) + " events", position);
        }
    }

    /** Puts a piece aside of which nobody can say what is where. */
    void whole(Piece piece) {
        boolean done = store.writeUnsynced(tx -> {
            if (isGone(tx, piece)) {
                return false;
            }
            long passed = Spool.readCursor(tx, piece.databaseId()).passed();
            Head head = head(tx, piece.databaseId());
            boolean begun = passed >= piece.first();
            boolean isHead = isHead(tx, piece, Math.max(passed + 1, piece.first()));
            long events = piece.events() - (begun ? head.events() : 0) - (isHead ? head.settled() : 0);
            long bytes = piece.bytes() - (begun ? head.bytes() : 0);
            add(tx, piece, piece.first(), events, bytes, "", null);
            run(tx, REMOVE, piece.first());
            if (begun) {
                run(tx, NO_HEAD, piece.databaseId());
            }
            if (isHead) {
                run(tx, UNSETTLE, piece.databaseId());
            }
            count(tx, piece, new Waiting(events, bytes), 0);
            return true;
        });
        if (done) {
            tell(piece, "A piece of " + piece.count() + " batches, " + piece.events() + " events", piece.first());
        }
    }

    private static void tell(Piece piece, String what, long position) {
        log.error(
                "{} in the spool, position {}, database key {}, segment {}, is damaged: it is in quarantine",
                what,
                position,
                piece.databaseId(),
                piece.segment());
    }

    /** Whether it was passed, discarded or moved since it was found. */
    private static boolean isGone(Tx tx, Piece piece) throws SQLException {
        Piece now = Pieces.with(tx, piece.databaseId(), piece.last());
        return now == null
                || now.first() != piece.first()
                || !Objects.equals(now.segment(), piece.segment())
                || Spool.readCursor(tx, piece.databaseId()).passed() >= piece.last();
    }

    /** With what its head says of it, which may be what is damaged. */
    private static boolean add(
            Tx tx, Piece piece, long position, long events, long bytes, String head, byte @Nullable [] batch)
            throws SQLException {
        int key = head.isEmpty() ? 0 : Piece.key((byte) head.charAt(0));
        boolean known = !head.isEmpty() && head.length() > key;
        PreparedStatement add = tx.statement(ADD);
        add.setLong(1, position);
        add.setLong(2, piece.databaseId());
        add.setLong(3, events);
        add.setLong(4, bytes);
        add.setLong(5, piece.admittedAt().toEpochMilli());
        add.setString(6, known ? head.substring(Piece.SANDBOX, Piece.SANDBOX_END) : "");
        add.setString(7, known ? head.substring(key) : "");
        add.setBytes(8, batch);
        add.setString(9, CORRUPT);
        add.setLong(10, tx.now());
        return add.executeUpdate() > 0;
    }

    private static Head head(Tx tx, long databaseId) throws SQLException {
        PreparedStatement head = tx.statement(HEAD);
        head.setLong(1, databaseId);
        try (ResultSet row = head.executeQuery()) {
            return row.next() ? new Head(row.getInt(1), row.getLong(2), row.getLong(3)) : new Head(0, 0, 0);
        }
    }

    /** Whether a batch is the first that waits in its lane. */
    private static boolean isHead(Tx tx, Piece piece, long position) throws SQLException {
        long passed = Spool.readCursor(tx, piece.databaseId()).passed();
        PreparedStatement earlier = tx.statement(EARLIER);
        earlier.setLong(1, piece.databaseId());
        earlier.setLong(2, passed);
        earlier.setLong(3, piece.first());
        try (ResultSet row = earlier.executeQuery()) {
            if (row.next()) {
                return false;
            }
        }
        long from = Math.max(passed + 1, piece.first());
        long before = position - from;
        return position > passed
                && Pieces.aside(tx, piece.databaseId(), from, position - 1).size() == before;
    }

    private static void run(Tx tx, String sql, long value) throws SQLException {
        tx.change(sql, value);
    }

    /**
     * Counts what waits no more.
     *
     * @param settled bytes of it that the ledger has already, with events that have their outcome
     */
    private void count(Tx tx, Piece piece, Waiting gone, long settled) throws SQLException {
        ledger.add(tx, piece.databaseId(), Account.DISCARDED, CORRUPT, gone.events(), gone.bytes() - settled);
        tx.afterCommit(() -> gauges.removed(gone));
    }
}
