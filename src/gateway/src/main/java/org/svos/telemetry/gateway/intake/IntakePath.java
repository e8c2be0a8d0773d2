package org.svos.telemetry.gateway.intake;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * The path of a batch, {@code /api/v1/sandboxes/{id}/batches}, spelled as hosts spell it. Any other spelling goes the long way,
 * through Spring MVC, and comes to the same end.
 */
final class IntakePath {

    private static final String BEFORE = "/api/v1/sandboxes/";
    private static final String AFTER = "/batches";
    private static final int ID_LENGTH = 36;
    private static final int LENGTH = BEFORE.length() + ID_LENGTH + AFTER.length();

    private IntakePath() {}

    /** The sandbox ID if this posts a batch, else null. */
    static @Nullable String sandboxId(HttpServletRequest request) {
        String path = request.getRequestURI();
        return path.length() == LENGTH
                        && path.startsWith(BEFORE)
                        && path.endsWith(AFTER)
                        && isId(path)
                        && request.getMethod().equals("POST")
                ? path.substring(BEFORE.length(), BEFORE.length() + ID_LENGTH)
                : null;
    }

    private static boolean isId(String path) {
        for (int i = BEFORE.length(); i < BEFORE.length() + ID_LENGTH; i++) {
            char c = path.charAt(i);
            if (c != '-' && Character.digit(c, 16) < 0) {
                return false;
            }
        }
        return true;
    }
}
