package org.svos.telemetry.loader.spool;

import org.svos.telemetry.event.SandboxId;

/**
 * A batch as it goes into the spool.
 *
 * @param key the idempotency key, for as long as the batch lives
 * @param bytes of the body, uncompressed
 * @param body compressed with zstd
 * @param nextSeq what the sandbox's next event after this batch is numbered
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record NewBatch(SandboxId sandbox, String key, int events, int bytes, byte[] body, long nextSeq) {}
