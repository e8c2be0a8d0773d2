package org.svos.telemetry.gateway.registry;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Tokens;
import org.svos.telemetry.gateway.audit.Audit;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Store;

/** Registers, suspends and removes sandboxes: each in one transaction with its audit entry. */
final class Sandboxes {

    private final Store store;
    private final Registry registry;
    private final Tokens tokens;
    private final Spool spool;

    Sandboxes(Store store, Registry registry, Tokens tokens, Spool spool) {
        this.store = store;
        this.registry = registry;
        this.tokens = tokens;
        this.spool = spool;
    }

    /** What came of a registration. */
    sealed interface Registering {

        record Registered(Sandbox sandbox) implements Registering {}

        record AlreadyThere(Sandbox sandbox) implements Registering {}

        record Elsewhere(long databaseId) implements Registering {}

        record DatabaseGone() implements Registering {}
    }

    /** What came of a removal. */
    sealed interface Removal {

        record Done() implements Removal {}

        record EventsWaiting() implements Removal {}

        record Gone() implements Removal {}
    }

    List<Sandbox> list(long databaseId, String after, int limit) {
        return store.read(tx -> SandboxTable.list(tx, databaseId, after, limit));
    }

    Registering register(Caller actor, long databaseId, SandboxId id) {
        return store.write(tx -> {
            Database database = DatabaseTable.find(tx, databaseId);
            if (database == null) {
                return new Registering.DatabaseGone();
            }
            Sandbox there = SandboxTable.find(tx, id);
            if (there != null) {
                return there.databaseId() == databaseId
                        ? new Registering.AlreadyThere(there)
                        : new Registering.Elsewhere(there.databaseId());
            }
            Sandbox sandbox = SandboxTable.insert(tx, databaseId, id);
            Audit.add(tx, actor, "sandbox.register", id.value(), "in " + database.name());
            tx.announce(Registry.SANDBOX, sandbox.key(), () -> registry.put(sandbox));
            return new Registering.Registered(sandbox);
        });
    }

    /** The sandbox as it is now, or null if it went away. */
    @Nullable
    Sandbox change(Caller actor, Sandbox sandbox, Database.State state) {
        return store.<@Nullable Sandbox>write(tx -> {
            Sandbox before = SandboxTable.find(tx, sandbox.id());
            if (before == null || before.key() != sandbox.key()) {
                return null;
            }
            if (before.state() == state) {
                return before;
            }
            Sandbox after = before.in(state, Instant.ofEpochMilli(tx.now()));
            SandboxTable.update(tx, after);
            Audit.add(tx, actor, "sandbox.change", after.id().value(), "state: " + before.state() + " → " + state);
            tx.announce(Registry.SANDBOX, after.key(), () -> registry.put(after));
            return after;
        });
    }

    Removal remove(Caller actor, Sandbox sandbox) {
        return store.writeAlone(sandbox.databaseId(), tx -> {
            Sandbox there = SandboxTable.find(tx, sandbox.id());
            if (there == null || there.key() != sandbox.key()) {
                return new Removal.Gone();
            }
            if (spool.holds(tx, there.databaseId(), there.id())) {
                return new Removal.EventsWaiting();
            }
            tokens.forgetSandbox(tx, there.key());
            SandboxTable.delete(tx, there.key());
            Audit.add(tx, actor, "sandbox.remove", there.id().value(), "");
            tx.announce(Registry.SANDBOX, there.key(), () -> registry.removed(there));
            return new Removal.Done();
        });
    }
}
