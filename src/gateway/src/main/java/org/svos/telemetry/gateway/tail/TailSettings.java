package org.svos.telemetry.gateway.tail;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * What looking on may take at most.
 *
 * @param readers at a time, of all databases
 * @param readersPerDatabase at a time
 * @param ringSize of the last events of a database that is looked at: as far as a reader may fall behind, or resume from
 * @param waitingSize of the batches of all databases that wait to be shown; what does not fit is a gap
 * @param linger for which a ring is kept after its last reader has gone
 * @param heartbeat between two signs of life
 * @param stallTimeout for which a reader may take nothing before its connection is closed
 */
@ConfigurationProperties("telemetry.tail")
record TailSettings(
        int readers,
        int readersPerDatabase,
        DataSize ringSize,
        DataSize waitingSize,
        Duration linger,
        Duration heartbeat,
        Duration stallTimeout) {

    TailSettings {
        check(readers >= 0, "readers must be at least 0, which is nobody");
        check(readersPerDatabase >= 1, "readers-per-database must be at least 1");
        check(ringSize.toBytes() >= 16 << 10, "ring-size must be at least 16KB");
        check(waitingSize.toBytes() >= 16 << 10, "waiting-size must be at least 16KB");
        check(!linger.isNegative(), "linger must not be negative");
        check(heartbeat.isPositive(), "heartbeat must be positive");
        check(stallTimeout.isPositive(), "stall-timeout must be positive");
    }

    private static void check(boolean good, String fault) {
        if (!good) {
            throw new IllegalArgumentException("telemetry.tail." + fault);
        }
    }
}
