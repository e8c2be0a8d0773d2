package org.svos.telemetry.lanternrock;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of one telemetry ID and one application, handed over together: kept whole or not at all.
 *
 * @param database that they are for
 * @param idempotencyKey the same for every attempt; 1 to 255 visible ASCII characters
 * @param telemetryId the sandbox ID, Lantern Rock's name for the source
 * @param application that registered under the telemetry ID; null if none had
 * @param host that they come from; null for a client that is no host
 * @param sessions that the records refer to, as far as they are known
 * @param records in the order in which they were captured; at least one
 */
public record Delivery(
        String database,
        String idempotencyKey,
        String telemetryId,
        @Nullable Application application,
        @Nullable Host host,
        List<Session> sessions,
        List<TelemetryRecord> records) {

    public Delivery {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("a delivery without a record: " + idempotencyKey);
        }
    }

    /** The name and version given to {@code register_telemetry}. */
    public record Application(
            @Nullable String name, @Nullable String version) {}

    /** Where the records were captured. */
    public record Host(
            @Nullable String id,
            @Nullable String name,
            @Nullable String bootId,
            @Nullable String kernel,
            @Nullable String loaderVersion) {}
}
