package org.svos.telemetry.loader.spool;

import org.svos.telemetry.event.SandboxId;

/**
 * A batch that waits.
 *
 * @param id of its row
 * @param boot that its events are of
 * @param key its idempotency key
 * @param bytes of the body, uncompressed
 * @param body compressed with zstd
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record SpooledBatch(long id, String boot, SandboxId sandbox, String key, int events, int bytes, byte[] body) {}
