package org.svos.telemetry.gateway.quota;

/** The two policies of a quota. */
public enum Policy {
    DAY("day"),
    RATE("rate");

    private final String wireName;

    Policy(String wireName) {
        this.wireName = wireName;
    }

    /** The name in headers, problems and metrics. */
    public String wireName() {
        return wireName;
    }
}
