package org.svos.telemetry.acceptance;

import java.util.Locale;

/** What gateways share. */
enum Shared {
    /** PostgreSQL has everything. */
    POSTGRESQL,
    /** Kafka has the batches that wait, PostgreSQL the rest. */
    KAFKA;

    static Shared of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
