package org.svos.telemetry.lanternrock;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One record: something that happened.
 *
 * @param name null for a call that carries none
 * @param count how many occurrences the record stands for
 * @param sum of the quantity that the record counts; 0 if it counts none
 * @param segments its key/value pairs
 * @param time when it happened, wall clock
 * @param session the {@link Session#id()} of the session that it lies in; null if in none
 * @param attachment a JSON object as strict JSON text, digits as they are; null if none
 */
public record TelemetryRecord(
        @Nullable String name,
        long count,
        double sum,
        Segments segments,
        Instant time,
        @Nullable String session,
        @Nullable String attachment) {

    /**
     * The key/value pairs that this system sends, by their wire names.
     *
     * @param kind which of the five functions was called, such as {@code message}
     * @param seq of the call within host, boot and sandbox
     * @param bootTimeNs the time in nanoseconds of the host's boot-time clock
     */
    public record Segments(
            String kind,
            long seq,
            @Nullable Long bootTimeNs,
            @Nullable Integer cpu,
            @Nullable Integer pid,
            @Nullable String comm) {}
}
