package org.svos.telemetry.lanternrock.standin;

/** A delivery is not as the model has it. */
final class InvalidDeliveryException extends Exception {

    private final int status;
    private final String pointer;

    /**
     * A fault in a delivery.
     *
     * @param pointer to the part at fault, RFC 6901; empty for the whole
     */
    InvalidDeliveryException(int status, String pointer, String message) {
        super(message);
        this.status = status;
        this.pointer = pointer;
    }

    int status() {
        return status;
    }

    String pointer() {
        return pointer;
    }
}
