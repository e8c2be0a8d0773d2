package org.svos.telemetry.gateway.hosts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.HostLoss;

/**
 * A host that posted a batch.
 *
 * @param bootId of the boot that the last batch came from
 * @param lost events that it lost, over all of its boots
 */
record SeenHost(
        String id,
        @Nullable String name,
        @Nullable String bootId,
        @Nullable String kernel,
        @Nullable String loaderVersion,
        Instant lastBatchAt,
        HostLoss lost) {}
