package org.svos.telemetry.loader.ledger;

/** Why the loader rejects an event itself: there is no batch that it could be in. */
public enum LocalRefusal {
    INVALID_SANDBOX_ID("invalid-sandbox-id"),
    MALFORMED_RECORD("malformed-record"),
    TOO_MANY_SANDBOXES("too-many-sandboxes");

    private final String reason;

    LocalRefusal(String reason) {
        this.reason = reason;
    }

    /** The reason as the ledger spells it. */
    public String reason() {
        return reason;
    }
}
