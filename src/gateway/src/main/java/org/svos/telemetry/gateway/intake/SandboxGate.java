package org.svos.telemetry.gateway.intake;

import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.Registration;
import org.svos.telemetry.gateway.registry.Registry;

/** Authenticates a batch's sandbox: registered, not suspended, and the caller's to post for. From memory alone. */
final class SandboxGate {

    private final Registry registry;

    SandboxGate(Registry registry) {
        this.registry = registry;
    }

    /** Whether the batch may pass. */
    sealed interface Passage {

        record Open(Registration registration) implements Passage {}

        record Shut(Problem problem) implements Passage {}
    }

    Passage open(Caller caller, @Nullable String sandboxId) {
        if (!(caller instanceof Caller.Host host)) {
            return shut(ProblemCode.NOT_ALLOWED, "Only a token with the role host may post batches.");
        }
        SandboxId id = SandboxId.parse(sandboxId);
        if (id == null) {
            return shut(
                    ProblemCode.INVALID_SANDBOX_ID,
                    "A sandbox ID is 32 hexadecimal digits in UUID form, such as 00000000-1111-2222-3333-444444444444.");
        }
        Registration registration = registry.sandbox(id);
        if (registration == null) {
            return unknown(id);
        }
        Database database = registration.database();
        if (!host.mayPost(database.id(), registration.sandbox().key())) {
            return shut(ProblemCode.NOT_ALLOWED, "The token may not post for the sandbox " + id + ".");
        }
        if (registration.sandbox().state() == Database.State.SUSPENDED) {
            return shut(ProblemCode.SANDBOX_SUSPENDED, "The sandbox " + id + " is suspended by its database's owner.");
        }
        if (database.state() == Database.State.SUSPENDED) {
            return shut(
                    ProblemCode.DATABASE_SUSPENDED,
                    "The database " + database.name() + " of the sandbox " + id + " is suspended.");
        }
        return new Passage.Open(registration);
    }

    static Passage.Shut unknown(SandboxId id) {
        return shut(
                ProblemCode.SANDBOX_UNKNOWN,
                "The sandbox " + id + " is registered to no database. Its owner registers it with POST"
                        + " /api/v1/databases/{name}/sandboxes.");
    }

    private static Passage.Shut shut(ProblemCode code, String detail) {
        return new Passage.Shut(Problem.of(code, detail));
    }
}
