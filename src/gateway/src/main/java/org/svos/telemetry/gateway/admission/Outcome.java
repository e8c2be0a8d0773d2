package org.svos.telemetry.gateway.admission;

import java.util.List;
import java.util.Set;
import org.svos.telemetry.event.Rejection;
import org.svos.telemetry.gateway.quota.Policy;
import org.svos.telemetry.gateway.quota.Standing;

/** What admission decided on a batch. */
public sealed interface Outcome {

    /** Durable: on disk before this value exists. */
    record Accepted(int accepted, List<Rejection> rejected, Standing standing) implements Outcome {}

    /** This key with this body was accepted before, with this answer; nothing was consumed. */
    record Replayed(int accepted, List<Rejection> rejected, Standing standing) implements Outcome {}

    /** The key was accepted with another body. */
    record KeyReused(Standing standing) implements Outcome {}

    /** The key is being admitted right now. */
    record KeyInUse(Standing standing) implements Outcome {}

    /**
     * Over the quota; nothing was consumed.
     *
     * @param worst the violated policy with the longest wait; {@code limit}, {@code used} and {@code resetSeconds} are its
     */
    record OverQuota(Set<Policy> violated, Policy worst, long limit, long used, long resetSeconds, Standing standing)
            implements Outcome {}

    /** An empty day or a full bucket could not hold it. */
    record ExceedsQuota(Policy policy, long limit, long actual, Standing standing) implements Outcome {}

    /** The sandbox or its database went away between the edge and the transaction. */
    record SandboxGone() implements Outcome {}

    /** The disk has no room; nothing was kept. */
    record SpoolFull() implements Outcome {}

    /** Not now, by the gateway's own fault; nothing was kept. */
    record Unavailable(Cause cause) implements Outcome {

        /** Why not. */
        public enum Cause {
            STORE,
            OVERLOADED,
            DRAINING
        }
    }
}
