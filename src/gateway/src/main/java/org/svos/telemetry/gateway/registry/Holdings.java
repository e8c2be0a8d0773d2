package org.svos.telemetry.gateway.registry;

import java.sql.SQLException;
import org.svos.telemetry.gateway.store.Tx;

/** What a room holds for a database, and that goes when the database is removed. */
public interface Holdings {

    /**
     * Throws it away, in the transaction that removes the database, and counts it.
     *
     * @param reason that the ledger is to tell
     */
    void discard(Tx tx, Database database, String reason) throws SQLException;
}
