package org.svos.telemetry.gateway.admission;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * How admission waits and groups.
 *
 * @param queueBatches that may wait for their decision; one more is answered "overloaded"
 * @param queueBytes that the bodies of those may have together
 * @param groupBatches that are committed together at most
 * @param maxWait for the decision to begin; longer is answered "overloaded"
 * @param reserve of the disk that is left free for the forwarder, which empties the spool: with less, "spool full"
 * @param keyMemory how long an idempotency key is remembered
 */
@ConfigurationProperties("telemetry.admission")
public record AdmissionSettings(
        int queueBatches,
        DataSize queueBytes,
        int groupBatches,
        Duration maxWait,
        DataSize reserve,
        Duration keyMemory) {

    private static final int MOST_GROUPED = 4_096; // that a shared store numbers at once

    public AdmissionSettings {
        check("queue-batches", queueBatches >= 1);
        check("queue-bytes", queueBytes.toBytes() >= 1);
        check("group-batches", groupBatches >= 1);
        if (groupBatches > MOST_GROUPED) {
            throw new IllegalArgumentException(
                    "telemetry.admission.group-batches must be " + MOST_GROUPED + " or less");
        }
        check("max-wait", maxWait.isPositive());
        check("reserve", !reserve.isNegative());
        check("key-memory", keyMemory.isPositive());
    }

    private static void check(String key, boolean good) {
        if (!good) {
            throw new IllegalArgumentException("telemetry.admission." + key + " must be more than nothing");
        }
    }
}
