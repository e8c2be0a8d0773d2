package org.svos.telemetry.gateway.spool;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.event.SandboxId;

/**
 * A batch in the spool.
 *
 * @param position grows with every batch of the store, and is never given twice; 0 before it is appended
 * @param events valid ones
 * @param bytes length of the decompressed body
 * @param limits of payloads, by which its valid events were told from the others
 * @param body as it came, compressed by {@code encoding}; it had passed its checksum when it was read
 * @param traceparent of the part of a trace in which it came, 55 characters; null if that is not recorded
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is ever asked of a body
public record SpooledBatch(
        long position,
        long databaseId,
        SandboxId sandbox,
        String key,
        Instant admittedAt,
        int events,
        long bytes,
        PayloadLimits limits,
        Encoding encoding,
        byte[] body,
        @Nullable String traceparent) {

    /** One that is in no trace. */
    public SpooledBatch(
            long position,
            long databaseId,
            SandboxId sandbox,
            String key,
            Instant admittedAt,
            int events,
            long bytes,
            PayloadLimits limits,
            Encoding encoding,
            byte[] body) {
        this(position, databaseId, sandbox, key, admittedAt, events, bytes, limits, encoding, body, null);
    }
}
