package org.svos.telemetry.gateway.registry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Tokens;
import org.svos.telemetry.gateway.audit.Audit;
import org.svos.telemetry.gateway.quota.Quotas;
import org.svos.telemetry.gateway.rest.Revision;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Store;

/** Registers, changes and removes databases: each in one transaction with its audit entry. */
final class Databases {

    /** Why events of a removed database were discarded, as the ledger tells it. */
    private static final String DISCARD_REASON = "database-removed";

    private final Store store;
    private final Registry registry;
    private final Tokens tokens;
    private final Spool spool;
    private final Quotas quotas;
    private final List<Holdings> holdings;

    Databases(Store store, Registry registry, Tokens tokens, Spool spool, Quotas quotas, List<Holdings> holdings) {
        this.store = store;
        this.registry = registry;
        this.tokens = tokens;
        this.spool = spool;
        this.quotas = quotas;
        this.holdings = holdings;
    }

    /** What came of a change. */
    sealed interface Change {

        record Done(Database database) implements Change {}

        /** It was changed since; it is at {@code revision} now. */
        record LostRace(long revision) implements Change {}

        record Gone() implements Change {}
    }

    /** What came of a removal. */
    sealed interface Removal {

        record Done() implements Removal {}

        record EventsWaiting(long events) implements Removal {}

        record Gone() implements Removal {}
    }

    List<Database> list(String after, int limit) {
        return store.read(tx -> DatabaseTable.list(tx, after, limit));
    }

    /** The new database, or null if its name is taken. */
    @Nullable
    Database register(Caller actor, NewDatabase wanted) {
        return store.<@Nullable Database>write(tx -> {
            Database database = DatabaseTable.insert(tx, wanted);
            if (database != null) {
                Audit.add(
                        tx,
                        actor,
                        "database.register",
                        database.name(),
                        "owner " + database.owner() + ", " + database.quota());
                tx.announce(Registry.DATABASE, database.id(), () -> registry.put(database));
            }
            return database;
        });
    }

    Change change(Caller actor, long id, Revision wanted, DatabasePatch patch) {
        return store.write(tx -> {
            Database before = DatabaseTable.find(tx, id);
            if (before == null) {
                return new Change.Gone();
            }
            if (!wanted.matches(before.revision())) {
                return new Change.LostRace(before.revision());
            }
            Database after = patch.applyTo(before, Instant.ofEpochMilli(tx.now()));
            String differences = differences(before, after);
            if (differences.isEmpty()) {
                return new Change.Done(before);
            }
            DatabaseTable.update(tx, after);
            Audit.add(tx, actor, "database.change", after.name(), differences);
            tx.announce(Registry.DATABASE, after.id(), () -> registry.put(after));
            return new Change.Done(after);
        });
    }

    Removal remove(Caller actor, long id, boolean discard) {
        return store.writeAlone(id, tx -> {
            Database database = DatabaseTable.find(tx, id);
            if (database == null) {
                return new Removal.Gone();
            }
            long waiting = spool.waiting(tx, id).events();
            if (waiting > 0 && !discard) {
                return new Removal.EventsWaiting(waiting);
            }
            spool.discard(tx, id, DISCARD_REASON);
            spool.forget(tx, id);
            for (Holdings held : holdings) {
                held.discard(tx, database, DISCARD_REASON);
            }
            quotas.forget(tx, id);
            List<Sandbox> sandboxes = SandboxTable.ofDatabase(tx, id);
            tokens.forgetDatabase(tx, id, sandboxes.stream().map(Sandbox::key).collect(Collectors.toSet()));
            SandboxTable.deleteOfDatabase(tx, id);
            DatabaseTable.delete(tx, id);
            String detail = sandboxes.size() + " sandboxes" + (waiting > 0 ? ", " + waiting + " events discarded" : "");
            Audit.add(tx, actor, "database.remove", database.name(), detail);
            tx.announce(Registry.DATABASE, id, () -> registry.removed(database, sandboxes));
            return new Removal.Done();
        });
    }

    private static String differences(Database before, Database after) {
        List<String> told = new ArrayList<>();
        tell(told, "owner", before.owner(), after.owner());
        tell(told, "description", before.description(), after.description());
        tell(told, "state", before.state(), after.state());
        tell(told, "quota", before.quota(), after.quota());
        tell(told, "retention", before.retention(), after.retention());
        return String.join("; ", told);
    }

    private static void tell(List<String> told, String what, @Nullable Object before, @Nullable Object after) {
        if (!Objects.equals(before, after)) {
            told.add(what + ": " + before + " → " + after);
        }
    }
}
