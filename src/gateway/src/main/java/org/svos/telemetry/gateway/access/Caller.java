package org.svos.telemetry.gateway.access;

import java.util.Set;

/** Who calls, and in which role. */
public sealed interface Caller {

    /** The token's name, as the audit trail tells it. */
    String name();

    Role role();

    /** Whether it may read a database. */
    default boolean mayRead(long databaseId) {
        return switch (this) {
            case Admin _ -> true;
            case Owner owner -> owner.databaseId() == databaseId;
            case Reader reader -> reader.databaseId() == databaseId;
            case Host _ -> false;
        };
    }

    /** Whether it may do with a database what its owner may. */
    default boolean mayOwn(long databaseId) {
        return switch (this) {
            case Admin _ -> true;
            case Owner owner -> owner.databaseId() == databaseId;
            case Reader _, Host _ -> false;
        };
    }

    /** May do everything but post batches. */
    record Admin(String name) implements Caller {
        @Override
        public Role role() {
            return Role.ADMIN;
        }
    }

    /** Owns one database. */
    record Owner(String name, long databaseId) implements Caller {
        @Override
        public Role role() {
            return Role.OWNER;
        }
    }

    /** Reads one database. */
    record Reader(String name, long databaseId) implements Caller {
        @Override
        public Role role() {
            return Role.READER;
        }
    }

    /** Posts batches. */
    record Host(String name, Scope scope) implements Caller {

        /**
         * Whether it may post for a sandbox.
         *
         * @param databaseId of the database that the sandbox is registered to
         * @param sandboxKey the registration's own key, see {@code Sandbox.key}
         */
        public boolean mayPost(long databaseId, long sandboxKey) {
            return switch (scope) {
                case Scope.Everything _ -> true;
                case Scope.Databases databases -> databases.ids().contains(databaseId);
                case Scope.Sandboxes sandboxes -> sandboxes.keys().contains(sandboxKey);
            };
        }

        @Override
        public Role role() {
            return Role.HOST;
        }
    }

    /** What a host may post for. It names registrations, not names: what is registered again is not the same. */
    sealed interface Scope {

        /** Every database, also one that is registered later. */
        record Everything() implements Scope {}

        /** These databases, with all of their sandboxes. */
        record Databases(Set<Long> ids) implements Scope {}

        /** These sandboxes. */
        record Sandboxes(Set<Long> keys) implements Scope {}
    }
}
