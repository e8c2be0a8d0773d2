package org.svos.telemetry.gateway.intake;

import java.io.IOException;
import org.svos.telemetry.gateway.problem.Problem;

/**
 * A refusal that is found deep in a body's stream, where a value cannot be returned through the JSON parser. It carries no
 * stack trace: it is expected.
 */
final class Refusal extends IOException {

    private final transient Problem problem;

    Refusal(Problem problem) {
        super(problem.detail());
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
