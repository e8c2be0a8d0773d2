package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Frees the segments of the journal that no piece is in any more. One lane that is parked would hold all of them, for a few
 * bytes in each: where little of a segment is left, that is moved into the rows of its pieces.
 */
final class SpoolSegments {

    private static final String USED = "select 1 from spool where segment = ? limit 1";
    private static final String LEFT = "select coalesce(sum(length), 0) from spool where segment = ?";
    private static final String MOVE = """
            update spool set body = ?, segment = null, place = null where position = ? and segment = ?""";

    /** Full segments that may wait to be empty; beyond these they are looked into. */
    private static final int PATIENCE = 4;

    private static final int LOOKED_INTO = 8;
    private static final long LITTLE_BYTES = 4 << 20;
    private static final int PIECES_AT_ONCE = 32;

    private final Store store;
    private long lookedInto;

    SpoolSegments(Store store) {
        this.store = store;
    }

    void free() {
        Set<Long> sealed = store.sealedSegments();
        if (sealed.isEmpty()) {
            return;
        }
        if (sealed.size() > PATIENCE) {
            lookInto(sealed);
        }
        Set<Long> unused = store.read(tx -> unused(tx, sealed));
        if (!unused.isEmpty()) {
            store.freeSegments(tx -> unused(tx, unused));
        }
    }

    private static Set<Long> unused(Tx tx, Set<Long> sealed) throws SQLException {
        Set<Long> unused = new HashSet<>();
        for (Long segment : sealed) {
            PreparedStatement statement = tx.statement(USED);
            statement.setLong(1, segment);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    unused.add(segment);
                }
            }
        }
        return unused;
    }

    /** A few at a time, the oldest first, and then round again. */
    private void lookInto(Set<Long> sealed) {
        List<Long> next = sealed.stream()
                .sorted()
                .filter(segment -> segment > lookedInto)
                .limit(LOOKED_INTO)
                .toList();
        lookedInto = next.isEmpty() ? 0 : next.getLast();
        for (long segment : next) {
            long left = store.read(tx -> {
                PreparedStatement statement = tx.statement(LEFT);
                statement.setLong(1, segment);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            });
            if (left > 0 && left <= LITTLE_BYTES) {
                moveOut(segment);
            }
        }
    }

    private void moveOut(long segment) {
        while (true) {
            List<Piece> found = store.read(tx -> Pieces.inSegment(tx, segment, PIECES_AT_ONCE));
            List<byte[]> bodies = new ArrayList<>(found.size());
            for (Piece piece : found) {
                try {
                    bodies.add(store.body(segment, piece.place(), piece.length()));
                } catch (IOException e) {
                    // Its lane will find it, put it into quarantine and count it.
                    return;
                }
            }
            if (found.isEmpty()) {
                return;
            }
            store.writeUnsynced(tx -> {
                for (int i = 0; i < bodies.size(); i++) {
                    tx.change(MOVE, bodies.get(i), found.get(i).first(), segment);
                }
                return null;
            });
        }
    }
}
