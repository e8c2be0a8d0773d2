package org.svos.telemetry.gateway.ledger;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How many series the meters may make.
 *
 * @param databases that have a label of their own
 */
@ConfigurationProperties("telemetry.metrics")
record MeterSettings(int databases) {

    MeterSettings {
        if (databases < 0) {
            throw new IllegalArgumentException("telemetry.metrics.databases must be 0 or more");
        }
    }
}
