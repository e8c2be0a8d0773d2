package org.svos.telemetry.gateway.problem;

/** Ends a call of the REST API with a problem, from wherever its HTTP edge found the fault. */
public final class ProblemException extends RuntimeException {

    @SuppressWarnings("serial") // never sent anywhere
    private final Problem problem;

    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false); // an answer, not a defect: no stack trace to fill in
        this.problem = problem;
    }

    /** What to answer. */
    public Problem problem() {
        return problem;
    }
}
