package org.svos.telemetry.gateway.diagnosis;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.registry.Database;

/**
 * What happens to a database's events now.
 *
 * @param findings what keeps events from coming, being accepted or being delivered; the gravest first, and none if nothing does
 */
record Diagnosis(
        String database,
        Instant at,
        List<Finding> findings,
        Database.State state,
        Quota quota,
        Lane lane,
        Backlog backlog,
        long deadLetters,
        Map<String, Long> rejected,
        List<Host> hosts) {

    /**
     * One thing that is so.
     *
     * @param code for programs
     * @param detail for a person: what is so, what comes of it, and what to do
     * @param since when it came to be so, where that is known
     * @param until when it ends by itself, where it does
     */
    record Finding(
            String code,
            String detail,
            @Nullable Instant since,
            @Nullable Instant until) {}

    /** What is left of the quota; {@code resetSeconds} until it is whole again. */
    record Quota(Part day, Part rate, org.svos.telemetry.gateway.quota.Quota.Mode mode) {

        /** Bytes of the day, or events of the bucket. */
        record Part(long limit, long left, long resetSeconds) {}
    }

    /** The way to Lantern Rock; {@code answer} is its own, or what kept a delivery from it. */
    record Lane(
            String state,
            @Nullable Instant since,
            int attempts,
            @Nullable Integer status,
            @Nullable String answer,
            @Nullable Instant nextAttemptAt) {}

    /** What waits for delivery. */
    record Backlog(long events, long bytes, @Nullable Instant oldestAdmittedAt) {}

    /**
     * A host that posted for this database.
     *
     * @param missing events of this database that its sequence numbers tell of, and that never came
     * @param loses whether it told of events that it lost, of whichever database
     * @param lost how many of those; an administrator's only
     */
    record Host(
            String id,
            @Nullable String name,
            Instant lastBatchAt,
            long missing,
            boolean loses,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long lost) {}
}
