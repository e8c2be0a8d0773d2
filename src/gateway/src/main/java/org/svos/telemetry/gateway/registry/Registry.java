package org.svos.telemetry.gateway.registry;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.store.NewsReader;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * What is registered, from memory: all of it is here, so an unknown sandbox costs a miss and nothing is remembered of it. A
 * change is seen here after its commit and before its answer; one that was made by another process, soon after.
 */
public final class Registry {

    private final ConcurrentMap<Long, Database> databases = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Long> idsByName = new ConcurrentHashMap<>();
    private final ConcurrentMap<SandboxId, Sandbox> sandboxes = new ConcurrentHashMap<>();
    private final ConcurrentMap<Long, SandboxId> sandboxesByKey = new ConcurrentHashMap<>();

    /** What is announced by its key. */
    static final String DATABASE = "database";

    static final String SANDBOX = "sandbox";

    private final Store store;

    private Registry(Store store) {
        this.store = store;
    }

    /** What the store has. */
    static Registry load(Store store) {
        Registry registry = new Registry(store);
        store.onNews(registry::changed);
        registry.load();
        return registry;
    }

    private record All(List<Database> databases, List<Sandbox> sandboxes) {}

    private void load() {
        All all = store.read(tx -> new All(DatabaseTable.all(tx), SandboxTable.all(tx)));
        Set<Long> ids = all.databases.stream().map(Database::id).collect(Collectors.toSet());
        Set<Long> keys = all.sandboxes.stream().map(Sandbox::key).collect(Collectors.toSet());
        databases().stream().filter(known -> !ids.contains(known.id())).forEach(known -> removed(known, List.of()));
        List.copyOf(sandboxes.values()).stream()
                .filter(known -> !keys.contains(known.key()))
                .forEach(this::removed);
        all.databases.forEach(this::put);
        all.sandboxes.forEach(this::put);
    }

    /** Looks again at what somebody changed. */
    private void changed(String kind, long key) {
        switch (kind) {
            case DATABASE -> {
                Database now = store.<@Nullable Database>read(tx -> DatabaseTable.find(tx, key));
                Database before = databases.get(key);
                if (now != null) {
                    put(now);
                } else if (before != null) {
                    removed(before, ofDatabase(key));
                }
            }
            case SANDBOX -> {
                Sandbox now = store.<@Nullable Sandbox>read(tx -> SandboxTable.find(tx, key));
                SandboxId before = sandboxesByKey.get(key);
                Sandbox known = before == null ? null : sandboxes.get(before);
                if (now != null) {
                    put(now);
                } else if (known != null && known.key() == key) {
                    removed(known);
                }
            }
            case NewsReader.EVERYTHING -> load();
            default -> {
                // It is about something else.
            }
        }
    }

    private List<Sandbox> ofDatabase(long id) {
        return sandboxes.values().stream()
                .filter(sandbox -> sandbox.databaseId() == id)
                .toList();
    }

    /** The registration of a sandbox, or null if there is none. */
    public @Nullable Registration sandbox(SandboxId id) {
        Sandbox sandbox = sandboxes.get(id);
        if (sandbox == null) {
            return null;
        }
        Database database = databases.get(sandbox.databaseId());
        return database == null ? null : new Registration(sandbox, database);
    }

    /** Whether that sandbox is registered to the database of that key. */
    public boolean hasSandbox(SandboxId id, long databaseId) {
        Sandbox sandbox = sandboxes.get(id);
        return sandbox != null && sandbox.databaseId() == databaseId;
    }

    /** The sandbox of that registration's key, or null if it is not registered, or no longer. */
    public @Nullable SandboxId sandboxOf(long key) {
        return sandboxesByKey.get(key);
    }

    /** The database of that key, or null if it is not registered, or no longer. */
    public @Nullable Database database(long id) {
        return databases.get(id);
    }

    /** The database of that name, or null if there is none. */
    public @Nullable Database database(String name) {
        Long id = idsByName.get(name);
        return id == null ? null : databases.get(id);
    }

    /** All that are registered now. */
    public Collection<Database> databases() {
        return List.copyOf(databases.values());
    }

    /** Whether what a new token would be for is registered still, in this transaction. */
    public boolean stillHas(Tx tx, Caller bearer) throws SQLException {
        return switch (bearer) {
            case Caller.Admin _ -> true;
            case Caller.Owner owner -> DatabaseTable.find(tx, owner.databaseId()) != null;
            case Caller.Reader reader -> DatabaseTable.find(tx, reader.databaseId()) != null;
            case Caller.Host host -> stillHas(tx, host.scope());
        };
    }

    private static boolean stillHas(Tx tx, Caller.Scope scope) throws SQLException {
        switch (scope) {
            case Caller.Scope.Everything _ -> {}
            case Caller.Scope.Databases databases -> {
                for (long id : databases.ids()) {
                    if (DatabaseTable.find(tx, id) == null) {
                        return false;
                    }
                }
            }
            case Caller.Scope.Sandboxes sandboxes -> {
                for (long key : sandboxes.keys()) {
                    if (!SandboxTable.exists(tx, key)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    void removed(Database database, List<Sandbox> ofIt) {
        ofIt.forEach(this::removed);
        idsByName.remove(database.name(), database.id());
        databases.remove(database.id());
    }

    void removed(Sandbox sandbox) {
        sandboxes.remove(sandbox.id());
        sandboxesByKey.remove(sandbox.key());
    }

    void put(Database database) {
        databases.put(database.id(), database);
        idsByName.put(database.name(), database.id());
    }

    void put(Sandbox sandbox) {
        sandboxes.put(sandbox.id(), sandbox);
        sandboxesByKey.put(sandbox.key(), sandbox.id());
    }
}
