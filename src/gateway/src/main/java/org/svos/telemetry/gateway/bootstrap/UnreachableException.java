package org.svos.telemetry.gateway.bootstrap;

/** The gateway does not answer, or not as one. */
final class UnreachableException extends Exception {

    private static final long serialVersionUID = 1L;

    UnreachableException(String message) {
        super(message);
    }
}
