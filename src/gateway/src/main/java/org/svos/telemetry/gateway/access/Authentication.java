package org.svos.telemetry.gateway.access;

import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;

/** What came of looking at a request's token. */
public sealed interface Authentication {

    /** The token is known and in force. */
    record Authenticated(Caller caller) implements Authentication {}

    /** No token, or an unknown, expired or revoked one: which of these is not told. */
    record Unauthenticated(String detail) implements Authentication {

        /** The answer to it. */
        public Problem problem() {
            return Problem.of(ProblemCode.UNAUTHENTICATED, detail).withHeader("WWW-Authenticate", "Bearer");
        }
    }
}
