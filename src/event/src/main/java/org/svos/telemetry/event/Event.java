package org.svos.telemetry.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One captured call.
 *
 * @param seq consecutive within host, boot and sandbox, from 1
 * @param name the application's for a register, the session's for a begin, the message's for a message
 * @param version the application's; of a register only
 * @param time when the call was made, wall clock
 * @param bootTimeNs the same moment in nanoseconds of the boot-time clock
 * @param payload of a message only: a JSON object, normalised to strict JSON
 */
public record Event(
        long seq,
        Kind kind,
        @Nullable String name,
        @Nullable String version,
        Instant time,
        @Nullable Long bootTimeNs,
        @Nullable Integer cpu,
        @Nullable Integer pid,
        @Nullable String comm,
        @Nullable String payload) {}
