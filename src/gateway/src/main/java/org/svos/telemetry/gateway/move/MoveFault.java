package org.svos.telemetry.gateway.move;

/** Why a move cannot begin, go on or be called done; the message says what to do. */
final class MoveFault extends RuntimeException {

    MoveFault(String message) {
        super(message);
    }
}
