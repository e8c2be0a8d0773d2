package org.svos.telemetry.gateway.registry;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;

/**
 * What is registered, from memory: all of it is here, so an unknown sandbox costs a miss and nothing is remembered of it. A
 * change is seen here after its commit and before its answer.
 */
public final class Registry {

    private final ConcurrentMap<Long, Database> databases = new ConcurrentHashMap<>();
    private final ConcurrentMap<SandboxId, Sandbox> sandboxes = new ConcurrentHashMap<>();

    /** The registration of a sandbox, or null if there is none. */
    public @Nullable Registration sandbox(SandboxId id) {
        Sandbox sandbox = sandboxes.get(id);
        if (sandbox == null) {
            return null;
        }
        Database database = databases.get(sandbox.databaseId());
        return database == null ? null : new Registration(sandbox, database);
    }

    /** The database of that key, or null if it is not registered, or no longer. */
    public @Nullable Database database(long id) {
        return databases.get(id);
    }

    /** All that are registered now. */
    public Collection<Database> databases() {
        return List.copyOf(databases.values());
    }

    void put(Database database) {
        databases.put(database.id(), database);
    }

    void put(Sandbox sandbox) {
        sandboxes.put(sandbox.id(), sandbox);
    }
}
