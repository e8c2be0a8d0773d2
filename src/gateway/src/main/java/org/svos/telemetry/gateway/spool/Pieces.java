package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.spool.Piece.Directory;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/** Finds pieces and what is in them. */
final class Pieces {

    private static final int DIRECTORIES = 500;

    private static final String COLUMNS =
            "select position, last, admitted_at, length, segment, place, events, bytes, database_id from spool ";
    private static final String AFTER = COLUMNS + "where database_id = ? and last > ? order by last limit ?";
    private static final String WITH = COLUMNS + "where database_id = ? and last >= ? order by last limit 1";
    private static final String IN_SEGMENT = COLUMNS + "where segment = ? order by position limit ?";
    private static final String WAITING_IN = COLUMNS
            + "where segment = ? and place >= ? and place < ? and last > coalesce("
            + "(select passed from lane l where l.database_id = spool.database_id), 0) order by place limit ?";
    private static final String ALL = COLUMNS + "where position > ? order by position limit ?";
    private static final String BODY = "select substr(body, ?, ?) from spool where position = ?";
    private static final String ASIDE =
            "select position from quarantine where database_id = ? and position >= ? and position <= ?";

    private final Store store;
    private final Bodies bodies;
    private final Map<Long, Directory> directories = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Directory> eldest) {
            return size() > DIRECTORIES;
        }
    };

    Pieces(Store store, Bodies bodies) {
        this.store = store;
        this.bodies = bodies;
    }

    /** Those of a database that have batches after a position, in their order. */
    static List<Piece> after(Tx tx, long databaseId, long position, int most) throws SQLException {
        PreparedStatement after = tx.statement(AFTER);
        after.setLong(1, databaseId);
        after.setLong(2, position);
        after.setInt(3, most);
        return list(after);
    }

    /** The one that a position is in, or null. */
    static @Nullable Piece with(Tx tx, long databaseId, long position) throws SQLException {
        PreparedStatement with = tx.statement(WITH);
        with.setLong(1, databaseId);
        with.setLong(2, position);
        List<Piece> found = list(with);
        return found.isEmpty() || found.getFirst().first() > position ? null : found.getFirst();
    }

    /** Some of those that are in a segment of the journal. */
    static List<Piece> inSegment(Tx tx, long segment, int most) throws SQLException {
        PreparedStatement in = tx.statement(IN_SEGMENT);
        in.setLong(1, segment);
        in.setInt(2, most);
        return list(in);
    }

    /** Some of those that are in a segment between two places, and wait. */
    static List<Piece> waitingIn(Tx tx, long segment, long from, long to, int most) throws SQLException {
        PreparedStatement in = tx.statement(WAITING_IN);
        in.setLong(1, segment);
        in.setLong(2, from);
        in.setLong(3, to);
        in.setInt(4, most);
        return list(in);
    }

    /** Those of all databases after a position. */
    static List<Piece> all(Tx tx, long position, int most) throws SQLException {
        PreparedStatement all = tx.statement(ALL);
        all.setLong(1, position);
        all.setInt(2, most);
        return list(all);
    }

    private static List<Piece> list(PreparedStatement statement) throws SQLException {
        List<Piece> pieces = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                long segment = row.getLong(5);
                pieces.add(new Piece(
                        row.getLong(9),
                        row.getLong(1),
                        row.getLong(2),
                        Instant.ofEpochMilli(row.getLong(3)),
                        row.getInt(4),
                        segment == 0 ? null : segment,
                        row.getLong(6),
                        row.getLong(7),
                        row.getLong(8)));
            }
        }
        return pieces;
    }

    /** The positions between two that are in quarantine. */
    static Set<Long> aside(Tx tx, long databaseId, long from, long to) throws SQLException {
        PreparedStatement aside = tx.statement(ASIDE);
        aside.setLong(1, databaseId);
        aside.setLong(2, from);
        aside.setLong(3, to);
        Set<Long> positions = new HashSet<>();
        try (ResultSet row = aside.executeQuery()) {
            while (row.next()) {
                positions.add(row.getLong(1));
            }
        }
        return positions;
    }

    /**
     * The directory of a piece, or null if it is damaged.
     *
     * @param tx a transaction that runs, or null if none does
     * @throws IOException if it cannot be read
     */
    @Nullable
    Directory directory(@Nullable Tx tx, Piece piece) throws IOException, SQLException {
        synchronized (directories) {
            Directory known = directories.get(piece.first());
            if (known != null) {
                return known;
            }
        }
        if (piece.directoryLength() > piece.length()) {
            return null;
        }
        Directory read = Directory.read(bytes(tx, piece, 0, piece.directoryLength()), piece.count(), piece.length());
        if (read != null) {
            synchronized (directories) {
                directories.put(piece.first(), read);
            }
        }
        return read;
    }

    /** Some bytes of a piece. */
    byte[] bytes(@Nullable Tx tx, Piece piece, int offset, int length) throws IOException, SQLException {
        if (piece.segment() != null) {
            return bodies.read(piece, offset, length);
        }
        byte[] part = tx != null
                ? part(tx, piece, offset, length)
                : store.read(reading -> part(reading, piece, offset, length));
        if (part.length < length) {
            throw new IOException("The row of the piece at " + piece.first() + " has no such bytes");
        }
        return part;
    }

    private static byte[] part(Tx tx, Piece piece, int offset, int length) throws SQLException {
        PreparedStatement body = tx.statement(BODY);
        body.setInt(1, offset + 1);
        body.setInt(2, length);
        body.setLong(3, piece.first());
        try (ResultSet row = body.executeQuery()) {
            byte[] bytes = row.next() ? row.getBytes(1) : null;
            return bytes == null ? new byte[0] : bytes;
        }
    }
}
