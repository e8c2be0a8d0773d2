package org.svos.telemetry.gateway.store;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The journal.
 *
 * @param segmentSize of its files: between 1 MB and 1 GB
 */
@ConfigurationProperties("telemetry.journal")
public record JournalSettings(DataSize segmentSize) {

    public JournalSettings {
        if (segmentSize.toMegabytes() < 1 || segmentSize.toGigabytes() > 1) {
            throw new IllegalArgumentException(
                    "telemetry.journal.segment-size is " + segmentSize + ", not between 1MB and 1GB");
        }
    }
}
