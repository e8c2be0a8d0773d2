package org.svos.telemetry.gateway.spool;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Up to which position a snapshot of a shared store has all that will ever be there. Positions are given before the commit, so a later
 * one may be seen earlier; but they are given to transactions that hold the rows of their databases, and so have a number:
 *
 * <pre>
 * given G, and then a snapshot that no number from X on is in     whoever has a position up to G has a number below X
 * a snapshot later, in which all below X have ended               has all up to G
 * </pre>
 *
 * For one thread.
 */
final class Horizon {

    private static final String GIVEN = "select last_value, is_called from spool_position";
    private static final String RUNNING = """
            select pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint from pg_current_snapshot() s""";
    private static final long NONE = -1;

    private long position;
    private long pending = NONE;
    private long pendingNumber;

    /** The last position that was given. To be asked before the snapshot is taken. */
    static long given(Store store) {
        return store.read(tx -> {
            try (ResultSet row = tx.statement(GIVEN).executeQuery()) {
                row.next();
                return row.getBoolean(2) ? row.getLong(1) + Positioning.Shared.BLOCK - 1 : 0;
            }
        });
    }

    /**
     * Up to where this snapshot has everything.
     *
     * @param given before it was taken
     */
    long in(Tx tx, long given) throws SQLException {
        try (ResultSet row = tx.statement(RUNNING).executeQuery()) {
            row.next();
            long allEndedBelow = row.getLong(1);
            if (pending != NONE && allEndedBelow >= pendingNumber) {
                position = pending;
                pending = NONE;
            }
            if (pending == NONE) {
                pending = given;
                pendingNumber = row.getLong(2);
            }
            return position;
        }
    }
}
