package org.svos.telemetry.gateway.spool;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Finds what was appended to a shared spool, by whomever, by looking at the new pieces alone: that costs as much as was appended, and
 * not as much as there is. For one thread.
 */
public final class Arrivals {

    private static final int PAGE = 1_000;
    /** Whoever asks has other things to do; what is behind these is told the next time. */
    private static final int PAGES = 20;

    private static final String NEW =
            "select position, database_id from spool where position > ? order by position limit " + PAGE;

    private final Store store;
    private final Horizon horizon = new Horizon();
    private long seen = Horizon.UNKNOWN;

    /** Those of that store. */
    public Arrivals(Store store) {
        this.store = store;
    }

    /** Whether it is known from where on to look. Until then all there is has to be looked at, and once more afterwards. */
    public boolean isReady() {
        return seen != Horizon.UNKNOWN;
    }

    /**
     * The databases that something was appended for since this was last asked: all of them, and perhaps some that were told before.
     * The first times tell nothing, until this {@link #isReady}.
     */
    public Set<Long> databases() {
        Horizon.Given given = Horizon.given(store);
        return store.read(tx -> {
            long upTo = horizon.in(tx, given);
            if (!isReady()) {
                seen = upTo;
                return Set.of();
            }
            Set<Long> databases = new HashSet<>();
            long read = after(tx, seen, databases);
            seen = Math.max(seen, Math.min(upTo, read));
            return databases;
        });
    }

    /** Adds the databases of pieces after a position; up to where all of them were read. */
    private static long after(Tx tx, long position, Set<Long> databases) throws SQLException {
        long last = position;
        for (int i = 0; i < PAGES; i++) {
            int found = 0;
            PreparedStatement select = tx.statement(NEW);
            select.setLong(1, last);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found++;
                    last = row.getLong(1);
                    databases.add(row.getLong(2));
                }
            }
            if (found < PAGE) {
                return Long.MAX_VALUE;
            }
        }
        return last;
    }
}
