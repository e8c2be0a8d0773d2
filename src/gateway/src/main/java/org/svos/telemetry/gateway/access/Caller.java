package org.svos.telemetry.gateway.access;

import java.util.Set;

/** Who calls, and in which role. */
public sealed interface Caller {

    /** The token's name, as the audit trail tells it. */
    String name();

    /** May do everything but post batches. */
    record Admin(String name) implements Caller {}

    /** Owns one database. */
    record Owner(String name, long databaseId) implements Caller {}

    /** Reads one database. */
    record Reader(String name, long databaseId) implements Caller {}

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
