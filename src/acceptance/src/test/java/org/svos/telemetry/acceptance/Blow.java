package org.svos.telemetry.acceptance;

import java.util.Random;

/** What happens to gateways that share a store, and to the store. */
enum Blow {
    /** kill -9 of a gateway. */
    KILL_GATEWAY(8, "kill -9 of a gateway"),
    /** SIGTERM to a gateway under load, and the next one's start. */
    REPLACE_GATEWAY(3, "replacement of a gateway"),
    /** A gateway stands still, for longer or shorter than its leases, and goes on as if nothing had been. */
    FREEZE_GATEWAY(4, "standstill of a gateway"),
    /** No byte gets through between a gateway and the store. */
    CUT_OFF_GATEWAY(4, "network cut between a gateway and the store"),
    /** kill -9 of the store's server. */
    KILL_STORE(2, "kill -9 of PostgreSQL"),
    /** kill -9 of Kafka's broker, where it has the batches. */
    KILL_BROKER(2, "kill -9 of the Kafka broker");

    private final int share;
    private final String words;

    Blow(int share, String words) {
        this.share = share;
        this.words = words;
    }

    String inWords() {
        return words;
    }

    static Blow any(Random random) {
        int total = 0;
        for (Blow blow : values()) {
            total += blow.share;
        }
        int drawn = random.nextInt(total);
        for (Blow blow : values()) {
            drawn -= blow.share;
            if (drawn < 0) {
                return blow;
            }
        }
        throw new AssertionError("shares do not add up");
    }
}
