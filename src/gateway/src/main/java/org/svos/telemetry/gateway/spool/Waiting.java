package org.svos.telemetry.gateway.spool;

/** What waits for its outcome. */
public record Waiting(long events, long bytes) {

    /** Nothing waits. */
    public static final Waiting NOTHING = new Waiting(0, 0);
}
