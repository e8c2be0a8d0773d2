package org.svos.telemetry.gateway.tail;

import org.jspecify.annotations.Nullable;

/**
 * One event as it goes out, and what readers filter by.
 *
 * @param text all of the server-sent event but its id: {@code event: …}, {@code data: …} and the empty line, in UTF-8
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is ever asked of a text
record Frame(
        @Nullable String kind,
        @Nullable String name,
        @Nullable String host,
        byte[] text) {

    /** Stands for nobody knows how many events that happened elsewhere. */
    static final Frame UNKNOWN = new Frame(null, null, null, new byte[0]);

    /** What it takes beside its text, in objects, generously. */
    private static final int OVERHEAD = 256;

    boolean isUnknown() {
        return text.length == 0;
    }

    /** What it takes in memory, about. */
    int bytes() {
        return text.length + OVERHEAD;
    }
}
