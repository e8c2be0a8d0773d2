package org.svos.telemetry.gateway.registry;

import java.time.Instant;

/** A sandbox as the REST API shows it. */
record ShownSandbox(String id, String database, Database.State state, Instant createdAt, Instant changedAt) {

    static ShownSandbox of(Sandbox sandbox, Database database) {
        return new ShownSandbox(
                sandbox.id().value(), database.name(), sandbox.state(), sandbox.createdAt(), sandbox.changedAt());
    }
}
