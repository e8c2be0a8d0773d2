package org.svos.telemetry.gateway.forward;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.store.Tx;

/** Which lanes are this process's to deliver for. */
interface Tenure extends AutoCloseable {

    /** That of a process that has the store to itself. */
    Tenure ALL = new Tenure() {
        @Override
        public void start(LaneKeeper keeper) {
            // What is held is held already.
        }

        @Override
        public boolean holds(long databaseId) {
            return true;
        }

        @Override
        public boolean holds(Tx tx, long databaseId) {
            return true;
        }

        @Override
        public void appended(long databaseId) {
            // It is held, so its lane was woken.
        }

        @Override
        public @Nullable LaneStatus told(long databaseId) {
            return null;
        }

        @Override
        public void close() {
            // Nobody else waits for it.
        }
    };

    /** Who runs the lanes. */
    interface LaneKeeper {

        /** Something may wait in a lane that is held. */
        void wake(long databaseId);

        /** A lane is held no longer: what is under way in it comes to its end. */
        void leave(long databaseId);

        /** Whether nothing is under way in a lane. */
        boolean isResting(long databaseId);

        /** How it goes in a lane, of those that were held. */
        LaneStatus statusHere(long databaseId);
    }

    /** Takes lanes from now on, and has that keeper carry them. */
    void start(LaneKeeper keeper);

    /** Whether a lane is, as far as is known: no delivery of it begins otherwise. */
    boolean holds(long databaseId);

    /** Whether it is, and stays so until this is committed: what has come of a delivery is not written otherwise. */
    boolean holds(Tx tx, long databaseId) throws SQLException;

    /** Something was appended here to a lane that is another's. */
    void appended(long databaseId);

    /** What another process tells of a lane that is its own; null if nobody does. */
    @Nullable
    LaneStatus told(long databaseId);

    /** Gives up all lanes; nothing is under way in them any more. */
    @Override
    void close();
}
