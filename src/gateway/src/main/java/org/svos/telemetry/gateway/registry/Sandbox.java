package org.svos.telemetry.gateway.registry;

import java.time.Instant;
import org.svos.telemetry.event.SandboxId;

/**
 * A sandbox ID as it is registered to a database.
 *
 * @param key of this registration; never shown, and never given twice: a sandbox that is removed and registered anew has
 *     another
 */
public record Sandbox(
        long key, SandboxId id, long databaseId, Database.State state, Instant createdAt, Instant changedAt) {

    Sandbox in(Database.State newState, Instant now) {
        return new Sandbox(key, id, databaseId, newState, createdAt, now);
    }
}
