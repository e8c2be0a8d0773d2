package org.svos.telemetry.gateway.access;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.problem.ProblemException;

/** Ends calls that a role may never make. */
public final class Gate {

    private Gate() {}

    /**
     * Lets callers of these roles pass.
     *
     * @throws ProblemException 403 {@code not-allowed} for any other
     */
    public static void only(Caller caller, Role... roles) {
        if (!Arrays.asList(roles).contains(caller.role())) {
            String may = Arrays.stream(roles).map(Role::wireName).collect(Collectors.joining(" or "));
            throw refusal(
                    "A token of role " + caller.role().wireName() + " may not do this; one of role " + may + " may.");
        }
    }

    /** The 403 that says what is not allowed. */
    public static ProblemException refusal(String detail) {
        return new ProblemException(Problem.of(ProblemCode.NOT_ALLOWED, detail));
    }
}
