package org.svos.telemetry.gateway.admission;

import org.svos.telemetry.event.SandboxId;

/** What is registered at the moment of a decision. */
@FunctionalInterface
public interface Registrations {

    /** Whether that sandbox is registered to the database of that key; without a look at the store. */
    boolean stillHave(SandboxId sandbox, long databaseId);
}
