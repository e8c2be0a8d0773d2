package org.svos.telemetry.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event that can never be valid.
 *
 * @param why it is none, and its index among all of its batch
 */
public record RejectedEvent(Rejection why, Fields fields) {

    /** As much of an event as could be read; they are those of {@link Event}. */
    public record Fields(
            @Nullable Long seq,
            @Nullable Kind kind,
            @Nullable String name,
            @Nullable String version,
            @Nullable Instant time,
            @Nullable Long bootTimeNs,
            @Nullable Integer cpu,
            @Nullable Integer pid,
            @Nullable String comm,
            @Nullable String payload) {

        /** All of a valid event's. */
        public static Fields of(Event event) {
            return new Fields(
                    event.seq(),
                    event.kind(),
                    event.name(),
                    event.version(),
                    event.time(),
                    event.bootTimeNs(),
                    event.cpu(),
                    event.pid(),
                    event.comm(),
                    event.payload());
        }
    }
}
