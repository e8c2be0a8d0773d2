package org.svos.telemetry.gateway.connection;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How far the gateway goes for a connection.
 *
 * @param drainTimeout in which the rest of a body that was refused must have come; then the connection is closed
 */
@ConfigurationProperties("telemetry.connection")
record ConnectionSettings(Duration drainTimeout) {

    ConnectionSettings {
        if (!drainTimeout.isPositive()) {
            throw new IllegalArgumentException("telemetry.connection.drain-timeout must be positive");
        }
    }
}
