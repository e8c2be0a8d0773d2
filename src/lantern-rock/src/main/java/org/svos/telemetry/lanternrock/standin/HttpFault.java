package org.svos.telemetry.lanternrock.standin;

/** A request that is answered with a problem. */
final class HttpFault extends Exception {

    private final int status;
    private final String pointer;

    HttpFault(int status, String detail) {
        this(status, detail, "");
    }

    HttpFault(int status, String detail, String pointer) {
        super(detail);
        this.status = status;
        this.pointer = pointer;
    }

    int status() {
        return status;
    }

    /** To the part of the body at fault, RFC 6901; empty for the whole. */
    String pointer() {
        return pointer;
    }
}
