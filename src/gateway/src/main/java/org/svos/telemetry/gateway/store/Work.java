package org.svos.telemetry.gateway.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What is done inside one transaction: all of it, or none. */
@FunctionalInterface
public interface Work<T extends @Nullable Object> {

    /** Does it. An exception rolls the transaction back. */
    T in(Tx tx) throws SQLException;
}
