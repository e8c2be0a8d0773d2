package org.svos.telemetry.gateway.spool;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Deciding;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Gives batches their positions: never one twice, and to the later of two commits of one database the higher ones. For whoever
 * decides.
 */
sealed interface Positioning {

    /** Those of a store. */
    static Positioning of(Store store) {
        return store.isShared() ? new Shared() : new Own(store.read(Own::end));
    }

    /** Where that many batches come to be. */
    Start start(Deciding deciding, int count);

    /**
     * Where batches come to be.
     *
     * @param before the position before the first that is free
     * @param slot of the ring that they are kept in; 0 where there is none
     */
    record Start(long before, int slot) {}

    /** Keeps how many of them were used. */
    void after(Changes changes, long last);

    /** The one process that has the store counts on from the last that it gave. */
    final class Own implements Positioning {

        private static final String END = "select position from spool_end";
        private static final String SAVE_END = "update spool_end set position = ?";

        private long end;

        private Own(long end) {
            this.end = end;
        }

        private static long end(Tx tx) throws SQLException {
            try (ResultSet row = tx.statement(END).executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }

        @Override
        public Start start(Deciding deciding, int count) {
            return new Start(end, 0);
        }

        /** Counted on also where the commit fails: a gap does no harm. */
        @Override
        public void after(Changes changes, long last) {
            end = last;
            changes.set(0, SAVE_END, last);
        }
    }

    /**
     * Of several processes each takes a block of {@link #BLOCK} for each group. It takes it once it has locked the group's databases,
     * so a lane's positions grow in the order of commits, and a cursor never passes one that is yet to come.
     */
    final class Shared implements Positioning {

        /** What the sequence counts by. */
        static final int BLOCK = 4_096;

        /** The transaction's number is not read, but it has to be there before a body is sent anywhere: KafkaLog goes by it. */
        private static final String NEXT =
                "select nextval('spool_position'), slot, pg_current_xact_id() from spool_ring";

        private Shared() {}

        @Override
        public Start start(Deciding deciding, int count) {
            if (count > BLOCK) {
                throw new IllegalArgumentException(count + " batches at once, and positions come by " + BLOCK);
            }
            return deciding.read(Shared::next);
        }

        private static Start next(Tx tx) throws SQLException {
            PreparedStatement next = tx.statement(NEXT);
            try (ResultSet row = next.executeQuery()) {
                row.next();
                return new Start(row.getLong(1) - 1, row.getInt(2));
            }
        }

        @Override
        public void after(Changes changes, long last) {}
    }
}
