package org.svos.telemetry.event;

import org.jspecify.annotations.Nullable;

/** What came of reading a batch's body. */
public sealed interface Reading {

    /** It is a batch with at least one valid event. */
    record Read(BatchSummary summary) implements Reading {}

    /**
     * It is not JSON ({@code line} and {@code column} say where, from 1), or not a batch ({@code pointer}, RFC 6901, says
     * where).
     */
    record Malformed(
            String detail,
            @Nullable Integer line,
            @Nullable Integer column,
            @Nullable String pointer) implements Reading {}

    /** It has more events than a batch may. */
    record TooManyEvents(int limit, int actual) implements Reading {}
}
