package org.svos.telemetry.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event that can never be valid, with as much of it as could be read; the fields are those of {@link Event}.
 *
 * @param why it is none, and its index among all of its batch
 */
public record RejectedEvent(
        Rejection why,
        @Nullable Long seq,
        @Nullable Kind kind,
        @Nullable String name,
        @Nullable String version,
        @Nullable Instant time,
        @Nullable Long bootTimeNs,
        @Nullable Integer cpu,
        @Nullable Integer pid,
        @Nullable String comm,
        @Nullable String payload) {}
