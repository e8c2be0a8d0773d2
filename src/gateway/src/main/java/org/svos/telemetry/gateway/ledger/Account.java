package org.svos.telemetry.gateway.ledger;

import java.util.Set;
import java.util.TreeSet;
import org.svos.telemetry.event.Rejection;

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

    /** The reason of a whole batch that was refused for its database's quota. */
    public static final String QUOTA_EXCEEDED = "quota-exceeded";

    /** The reason of one that no empty quota could have held. */
    public static final String BATCH_EXCEEDS_QUOTA = "batch-exceeds-quota";

    /** The reason of one whose key had been accepted with another body. */
    public static final String KEY_REUSED = "key-reused";

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

    /** The reasons that are sure to be seen sooner or later, so that their metrics are there from the start. */
    Set<String> reasons() {
        return switch (this) {
            case REJECTED -> {
                Set<String> codes = new TreeSet<>(Set.of(QUOTA_EXCEEDED, BATCH_EXCEEDS_QUOTA, KEY_REUSED));
                for (Rejection.Code code : Rejection.Code.values()) {
                    codes.add(code.wireName());
                }
                yield codes;
            }
            case SEQUENCE_GAP -> Set.of();
            case RECEIVED, ACCEPTED, DUPLICATE, DELIVERED, DEAD_LETTERED, DISCARDED, EXPIRED ->
                Set.of(Ledger.NO_REASON);
        };
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
