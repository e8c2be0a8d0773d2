package org.svos.telemetry.gateway.admission;

import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Encoding;

/**
 * A batch as the edge hands it to admission: authenticated, decompressed once, and valid in form.
 *
 * @param key the idempotency key
 * @param bodyHash SHA-256 of the decompressed body: what "the same body" means
 * @param body as it came, still compressed
 * @param bytes length of the decompressed body: what the quota counts
 * @param traceparent of the part of a trace in which it comes; null if that is not recorded
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is ever asked of a batch
public record Batch(
        SandboxId sandbox,
        Database database,
        String key,
        byte[] bodyHash,
        Encoding encoding,
        byte[] body,
        long bytes,
        BatchSummary summary,
        @Nullable String traceparent) {}
