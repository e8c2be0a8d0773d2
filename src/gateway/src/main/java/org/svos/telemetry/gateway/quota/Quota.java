package org.svos.telemetry.gateway.quota;

/**
 * What a database may send.
 *
 * @param bytesPerDay decompressed bytes a UTC day
 * @param eventsPerSecond the bucket's refill
 * @param burst the bucket's size, in events
 */
public record Quota(long bytesPerDay, long eventsPerSecond, long burst, Mode mode) {

    /** Whether going over it refuses a batch, or only counts it. */
    public enum Mode {
        ENFORCE,
        SHADOW
    }
}
