package org.svos.telemetry.gateway.registry;

import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Gate;
import org.svos.telemetry.gateway.access.Role;
import org.svos.telemetry.gateway.problem.ProblemException;
import org.svos.telemetry.gateway.problem.Problems;

/**
 * Finds the database that a call of the REST API is about, for callers who may. One that the caller may not know of reads the
 * same as one that is not there: 404. A role that may never make the call gets 403, whatever the name.
 */
public final class DatabaseGate {

    private final Registry registry;

    DatabaseGate(Registry registry) {
        this.registry = registry;
    }

    /** The database, for a caller who may read it. */
    public Database readable(Caller caller, String name) {
        Gate.only(caller, Role.ADMIN, Role.OWNER, Role.READER);
        return known(caller, registry.database(name), name);
    }

    /** The database, for a caller who may do with it what its owner may. */
    public Database owned(Caller caller, String name) {
        Database database = readable(caller, name);
        if (!caller.mayOwn(database.id())) {
            throw Gate.refusal("A token of role " + caller.role().wireName() + " may read the database \"" + name
                    + "\", not change it.");
        }
        return database;
    }

    /** The database, for an administrator. */
    public Database administered(Caller caller, String name) {
        Database database = readable(caller, name);
        Gate.only(caller, Role.ADMIN);
        return database;
    }

    private static Database known(Caller caller, @Nullable Database database, String name) {
        if (database == null || !caller.mayRead(database.id())) {
            throw new ProblemException(Problems.notFound("database", name));
        }
        return database;
    }
}
