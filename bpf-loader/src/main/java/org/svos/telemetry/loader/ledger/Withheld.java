package org.svos.telemetry.loader.ledger;

/** Why the host's owner has an event withheld. */
public enum Withheld {
    CAPTURE_OFF("capture-off"),
    SANDBOX("sandbox");

    private final String reason;

    Withheld(String reason) {
        this.reason = reason;
    }

    /** The reason as the ledger spells it. */
    public String reason() {
        return reason;
    }
}
