package org.svos.telemetry.gateway.spool;

import java.time.Instant;
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
        byte[] body) {}
