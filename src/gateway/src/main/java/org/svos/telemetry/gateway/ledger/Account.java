package org.svos.telemetry.gateway.ledger;

/** A column of the ledger: what can become of an event, by the names of the contract. */
public enum Account {
    /** Came in with a batch that was decided on. */
    RECEIVED("received"),
    /** Durable, and with one of the outcomes from {@link #DELIVERED} on, or waiting for it. */
    ACCEPTED("accepted"),
    /** In a batch that had been accepted before. */
    DUPLICATE("duplicate"),
    /** Refused for good, or with its whole batch; the reason is the contract's code. */
    REJECTED("rejected"),
    DELIVERED("delivered"),
    DEAD_LETTERED("dead-lettered"),
    /** Thrown away by somebody's order, or because it could no longer be read. */
    DISCARDED("discarded"),
    /** Waited for longer than its database's retention. */
    EXPIRED("expired"),
    /** Never came: its sequence number is missing. No part of what was received. */
    SEQUENCE_GAP("sequence-gap");

    private final String wireName;

    Account(String wireName) {
        this.wireName = wireName;
    }

    static Account of(String wireName) {
        for (Account account : values()) {
            if (account.wireName.equals(wireName)) {
                return account;
            }
        }
        throw new IllegalStateException("no account of the ledger: " + wireName);
    }

    /** Whether it is kept by the hour as well. */
    boolean isUsage() {
        return this == ACCEPTED || this == DELIVERED || this == REJECTED;
    }

    /** The name in the store and in the metrics' label {@code outcome}. */
    public String wireName() {
        return wireName;
    }
}
