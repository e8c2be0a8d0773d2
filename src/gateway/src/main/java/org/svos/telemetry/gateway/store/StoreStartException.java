package org.svos.telemetry.gateway.store;

/** The store cannot be opened as it is set up; the message says what is wrong, where, and what to do. */
public final class StoreStartException extends RuntimeException {

    StoreStartException(String message) {
        super(message);
    }

    StoreStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
