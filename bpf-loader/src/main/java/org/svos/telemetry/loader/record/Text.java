package org.svos.telemetry.loader.record;

/** A text of a call that can have been cut, being longer than the longest that is captured. */
public enum Text {
    SANDBOX("sandbox", 0x01),
    NAME("name", 0x02),
    VERSION("version", 0x04),
    PAYLOAD("payload", 0x04);

    private final String label;
    private final int flag;

    Text(String label, int flag) {
        this.label = label;
        this.flag = flag;
    }

    /** Its name in metrics; for all but the sandbox, the event's key too. */
    public String label() {
        return label;
    }

    /** The bit of a record's flags that says so. */
    int flag() {
        return flag;
    }
}
