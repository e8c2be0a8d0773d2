package org.svos.telemetry.gateway.forward;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How it goes on the way to Lantern Rock for one database.
 *
 * @param since when it came to be so; null if it never was otherwise since the start
 * @param attempts deliveries that failed since then, one after another
 * @param status Lantern Rock's, where it answered
 * @param why for a person: Lantern Rock's own answer, or what kept the delivery from it; null if nothing does
 * @param nextAttemptAt when it is tried again
 */
public record LaneStatus(
        State state,
        @Nullable Instant since,
        int attempts,
        @Nullable Integer status,
        @Nullable String why,
        @Nullable Instant nextAttemptAt) {

    /** Nothing is wrong. */
    public static final LaneStatus OPEN = new LaneStatus(State.OPEN, null, 0, null, null, null);

    /** What happens to what waits. */
    public enum State {
        /** It is delivered. */
        OPEN,
        /** It is tried again, at longer and longer intervals: Lantern Rock does not answer, or not now. */
        RETRYING,
        /** It is tried now and then only: somebody has to mend the address, the token or the database. */
        PARKED
    }
}
