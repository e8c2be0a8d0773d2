package org.svos.telemetry.loader.spool;

import java.time.Duration;
import org.svos.telemetry.loader.config.Config.SpoolBounds;

/** Bounds of a spool whose age is of no matter. */
final class Bounds {

    private Bounds() {}

    static SpoolBounds ofBytes(long bytes) {
        return new SpoolBounds(bytes, Duration.ofDays(14));
    }
}
