package org.svos.telemetry.loader.batch;

import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.FieldNames;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.Withheld;

/** What the host's owner withholds, laid out to be asked for each record: nothing is allocated for it. */
final class OwnersWord {

    private final boolean captures;
    private final @Nullable SandboxSet allowed;
    private final @Nullable SandboxSet denied;
    private final @Nullable FieldNames dropped;

    OwnersWord(Config.Owner owner) {
        captures = owner.captures();
        allowed = owner.allowed().isEmpty() ? null : new SandboxSet(owner.allowed());
        denied = owner.denied().isEmpty() ? null : new SandboxSet(owner.denied());
        dropped = owner.droppedFields().isEmpty() ? null : new FieldNames(owner.droppedFields());
    }

    /** Whether there is nothing to ask of a record's sandbox. */
    boolean isOpen() {
        return captures && allowed == null && denied == null;
    }

    /** Why a record of that sandbox is withheld; null if it is not. */
    @Nullable
    Withheld withholds(SandboxKey sandbox) {
        if (!captures) {
            return Withheld.CAPTURE_OFF;
        }
        boolean isAllowed = allowed == null || allowed.has(sandbox);
        return isAllowed && (denied == null || !denied.has(sandbox)) ? null : Withheld.SANDBOX;
    }

    /** What payloads are to be without; null for nothing. */
    @Nullable
    FieldNames dropped() {
        return dropped;
    }
}
