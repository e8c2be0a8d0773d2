package org.svos.telemetry.gateway.spool;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where the bytes of what waits lie.
 *
 * @param spool the place
 */
@ConfigurationProperties("telemetry")
record SpoolSettings(Place spool) {

    enum Place {
        /** With all else, in what {@code telemetry.store} names. */
        STORE,
        /** In a topic; what is where, and how far lanes are, is in the store. */
        KAFKA
    }
}
