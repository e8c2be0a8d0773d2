package org.svos.telemetry.gateway.store;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server's clock as it was when it was last read, and gone on since. Who decides reads the server's own, so that of two
 * processes the later one never decides by an earlier time.
 */
final class ServerClock {

    /** Milliseconds since the epoch. */
    static final String READ = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";

    private final @Nullable InstantSource instead;
    private volatile Reading last = new Reading(System.currentTimeMillis(), System.nanoTime());

    private record Reading(long millis, long nanos) {}

    /**
     * A clock.
     *
     * @param instead of the server's, in tests that set the time; null: the server's
     */
    ServerClock(@Nullable InstantSource instead) {
        this.instead = instead;
    }

    /** About what the server's clock shows, without asking. */
    long millis() {
        if (instead != null) {
            return instead.millis();
        }
        Reading reading = last;
        return reading.millis + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - reading.nanos);
    }

    /** What the clock is that time is told by instead, or null. */
    @Nullable
    InstantSource instead() {
        return instead;
    }

    void read(long millis) {
        last = new Reading(millis, System.nanoTime());
    }
}
