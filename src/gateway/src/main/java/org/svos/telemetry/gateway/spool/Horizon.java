package org.svos.telemetry.gateway.spool;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Up to which position a snapshot of a shared store has all that will ever be there. Positions are given before the commit, so a later
 * one may be seen earlier; but they are given to transactions that hold the rows of their databases, and so have a number:
 *
 * <pre>
 * given G, and then a number of one's own, X           whoever has a position up to G has a number below X
 * a snapshot later, in which all below X have ended    has all up to G
 * </pre>
 *
 * The end of a snapshot would not do for X: it is behind the last that has ended, and one that runs may have a higher number.
 *
 * For one thread.
 */
final class Horizon {

    private static final String GIVEN = "select last_value, is_called from spool_position";
    /** Asked after what was given: the transaction had none before. */
    private static final String NUMBER = "select cast(cast(pg_current_xact_id() as text) as bigint)";

    private static final String RUNNING =
            "select cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)";

    /** Instead of a position: it is not known yet. */
    static final long UNKNOWN = -1;

    private long position = UNKNOWN;
    private @Nullable Given pending;

    /**
     * What was given.
     *
     * @param position the last
     * @param number of a transaction that began later than that was given
     */
    record Given(long position, long number) {}

    /** The last position that was given. To be asked before the snapshot is taken. */
    static Given given(Store store) {
        return store.read(tx -> {
            long position;
            try (ResultSet row = tx.statement(GIVEN).executeQuery()) {
                row.next();
                position = row.getBoolean(2) ? row.getLong(1) + Positioning.Shared.BLOCK - 1 : 0;
            }
            try (ResultSet row = tx.statement(NUMBER).executeQuery()) {
                row.next();
                return new Given(position, row.getLong(1));
            }
        });
    }

    /**
     * Up to where this snapshot has everything, or {@link #UNKNOWN}.
     *
     * @param given before it was taken
     */
    long in(Tx tx, Given given) throws SQLException {
        try (ResultSet row = tx.statement(RUNNING).executeQuery()) {
            row.next();
            Given before = pending;
            boolean haveEnded = before != null && row.getLong(1) >= before.number();
            if (before != null && haveEnded) {
                position = before.position();
            }
            if (before == null || haveEnded) {
                pending = given;
            }
            return position;
        }
    }
}
