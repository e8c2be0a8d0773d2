package org.svos.telemetry.event;

/** An event that can never be valid, and why; the others of its batch are not held up by it. */
public record Rejection(int index, Code code, String detail) {

    /** Why an event can never be valid. */
    public enum Code {
        UNKNOWN_KIND("unknown-kind"),
        MISSING_FIELD("missing-field"),
        WRONG_TYPE("wrong-type"),
        TOO_LONG("too-long"),
        TOO_DEEP("too-deep");

        private final String wireName;

        Code(String wireName) {
            this.wireName = wireName;
        }

        /** The code as answers and the ledger spell it. */
        public String wireName() {
            return wireName;
        }
    }
}
