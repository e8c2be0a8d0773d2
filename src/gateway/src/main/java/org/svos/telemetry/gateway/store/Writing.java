package org.svos.telemetry.gateway.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Where a room writes what it has decided: a transaction, which does it at once, or {@link Changes}, which are kept together
 * in the journal and done afterwards, in the order in which they were kept.
 */
public sealed interface Writing permits Tx, Changes {

    /** The store's clock, in epoch milliseconds: the same for all that is written together. */
    long now();

    /**
     * A statement that writes, and its values in order: texts, byte arrays, whole numbers, nulls. The text must be one of a few
     * constants. It must not fail for what the values are: the journal cannot give back what it has kept.
     */
    void change(String sql, @Nullable Object... values) throws SQLException;

    /**
     * The same with a statement that adds the values after the first {@code keys} to what is there under those. It may be done
     * once for several that have the same keys, with the sums.
     */
    void add(int keys, String sql, Object... values) throws SQLException;

    /**
     * Runs an action once this is durable, before anything later is; never, if it fails. So what is kept in memory changes in
     * the order of the commits. The action is short and does not fail.
     */
    void afterCommit(Runnable action);
}
