package org.svos.telemetry.gateway.access;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Knows the one call that authenticates for itself: {@code POST /api/v1/sandboxes/{id}/batches}, spelled exactly so. Any other
 * spelling goes the long way and comes to the same end.
 */
final class IntakePath {

    private static final String BEFORE = "/api/v1/sandboxes/";
    private static final String AFTER = "/batches";
    private static final int ID_LENGTH = 36;
    private static final int LENGTH = BEFORE.length() + ID_LENGTH + AFTER.length();

    private IntakePath() {}

    static boolean is(HttpServletRequest request) {
        String path = request.getRequestURI();
        return path.length() == LENGTH
                && path.startsWith(BEFORE)
                && path.endsWith(AFTER)
                && isId(path)
                && request.getMethod().equals("POST");
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
