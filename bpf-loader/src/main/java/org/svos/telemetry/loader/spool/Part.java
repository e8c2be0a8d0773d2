package org.svos.telemetry.loader.spool;

/**
 * What a batch is replaced by when it is cut.
 *
 * @param key a new idempotency key: it is another body
 * @param bytes of the body, uncompressed
 * @param body compressed with zstd
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record Part(String key, int events, int bytes, byte[] body) {}
