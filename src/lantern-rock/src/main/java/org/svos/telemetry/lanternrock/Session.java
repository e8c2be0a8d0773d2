package org.svos.telemetry.lanternrock;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What lies between a {@code session_begin} and its {@code session_end}.
 *
 * @param id the same in every delivery that has records of the session; unique within telemetry ID, host and boot
 * @param start when it began, wall clock
 * @param duration null while its end has not come; it may never come
 */
public record Session(
        String id,
        @Nullable String name,
        Instant start,
        @Nullable Duration duration) {}
