package org.svos.telemetry.gateway.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.quota.Quota;

/**
 * A Lantern Rock database, registered with the gateway: the unit of ownership and of quota.
 *
 * @param id the store's own key; never shown, and never given twice
 * @param retention how long an accepted event may wait for Lantern Rock; null is for ever
 * @param revision counts changes, and is the ETag
 */
public record Database(
        @JsonIgnore long id,
        String name,
        String owner,
        String description,
        State state,
        Quota quota,
        @Nullable Duration retention,
        long revision,
        Instant createdAt,
        Instant changedAt) {

    /** How many events it may send in a second, in the long run. */
    public long eventsPerSecond() {
        return quota.eventsPerSecond();
    }

    /** Whether batches for it are taken. */
    public enum State {
        ACTIVE,
        SUSPENDED
    }
}
