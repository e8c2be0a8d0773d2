package org.svos.telemetry.gateway.intake;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;

/**
 * Reads the {@code Idempotency-Key}: 1 to 64 visible ASCII characters but {@code "} and {@code \}, with the quotes of
 * draft-ietf-httpapi-idempotency-key-header or without; the quotes are no part of it.
 */
final class IdempotencyKey {

    private static final String HEADER = "Idempotency-Key";
    private static final int MAX_LENGTH = 64;

    private IdempotencyKey() {}

    /** What the header came to. */
    sealed interface Reading {

        record Good(String key) implements Reading {}

        record Bad(Problem problem) implements Reading {}
    }

    static Reading read(HttpServletRequest request) {
        Enumeration<String> values = request.getHeaders(HEADER);
        if (!values.hasMoreElements()) {
            return new Reading.Bad(
                    Problem.of(
                            ProblemCode.MISSING_IDEMPOTENCY_KEY,
                            "The request has no Idempotency-Key. Give each batch its own, and repeat it when you send the batch again."));
        }
        String key = unquoted(values.nextElement().strip());
        if (values.hasMoreElements()) {
            return invalid("There is more than one Idempotency-Key.");
        }
        if (key.isEmpty() || key.length() > MAX_LENGTH) {
            return invalid("The Idempotency-Key has " + key.length() + " characters; it must have 1 to 64.");
        }
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c <= ' ' || c > '~' || c == '"' || c == '\\') {
                return invalid("The Idempotency-Key has a character, its " + (i + 1)
                        + "., that is not visible ASCII, or is a quote or a backslash.");
            }
        }
        return new Reading.Good(key);
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    private static Reading invalid(String detail) {
        return new Reading.Bad(Problem.of(ProblemCode.INVALID_IDEMPOTENCY_KEY, detail));
    }
}
