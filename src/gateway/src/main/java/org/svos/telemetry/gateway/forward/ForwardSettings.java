package org.svos.telemetry.gateway.forward;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * How lanes wait and share.
 *
 * @param retryInitial bound of the first random wait after a failure; it doubles with each failure in a row
 * @param retryMax up to here
 * @param retryAfterMax the longest that Lantern Rock's {@code Retry-After} is believed
 * @param probe how long a parked lane waits before it tries again
 * @param lanesAtOnce that may be at work
 * @param deliveriesAtOnce that they may have under way together; fewer if Lantern Rock takes fewer well
 * @param memory for what they deliver, about four times the bodies
 * @param stopWithin how long a stop waits for deliveries under way
 */
@ConfigurationProperties("telemetry.forward")
record ForwardSettings(
        Duration retryInitial,
        Duration retryMax,
        Duration retryAfterMax,
        Duration probe,
        int lanesAtOnce,
        int deliveriesAtOnce,
        DataSize memory,
        Duration stopWithin) {

    ForwardSettings {
        check("retry-initial", retryInitial.isPositive());
        check("retry-max", retryMax.compareTo(retryInitial) >= 0);
        check("retry-after-max", retryAfterMax.isPositive());
        check("probe", probe.isPositive());
        check("lanes-at-once", lanesAtOnce >= 1);
        check("deliveries-at-once", deliveriesAtOnce >= 1);
        check("memory", memory.toBytes() >= 1);
        check("stop-within", !stopWithin.isNegative());
    }

    private static void check(String key, boolean good) {
        if (!good) {
            throw new IllegalArgumentException("telemetry.forward." + key
                    + " is too small: waits and bounds are over zero, and retry-max is no less than retry-initial");
        }
    }
}
