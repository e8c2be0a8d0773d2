package org.svos.telemetry.loader.spool;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.LongSupplier;

/**
 * By what the age of a batch is told: milliseconds since the spool was made. A wall clock that is set forward must not make
 * all that waits too old, so while the loader runs the monotonic clock counts; for the time between two runs there is only the
 * wall clock, as far as it went forward. Kept with each round, in the table {@code clock}. Guarded by the spool's lock.
 */
final class SpoolClock {

    private static final long NANOS = 1_000_000;

    private final LongSupplier wallMillis;
    private final LongSupplier nanos;
    private final long began;
    private final long then;

    /** Goes on from what the file says. */
    SpoolClock(Connection connection, LongSupplier wallMillis, LongSupplier nanos) throws SQLException {
        this.wallMillis = wallMillis;
        this.nanos = nanos;
        this.began = nanos.getAsLong();
        try (Statement query = connection.createStatement();
                ResultSet row = query.executeQuery("SELECT millis, wall FROM clock")) {
            then = row.next() ? row.getLong(1) + Math.max(0, wallMillis.getAsLong() - row.getLong(2)) : 0;
        }
    }

    long millis() {
        return then + (nanos.getAsLong() - began) / NANOS;
    }

    /** Within the caller's transaction. */
    void keep(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT OR REPLACE INTO clock (id, millis, wall) VALUES (1, ?, ?)")) {
            statement.setLong(1, millis());
            statement.setLong(2, wallMillis.getAsLong());
            statement.executeUpdate();
        }
    }
}
