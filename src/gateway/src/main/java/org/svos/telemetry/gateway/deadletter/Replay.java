package org.svos.telemetry.gateway.deadletter;

/**
 * A dead letter that is to be delivered again.
 *
 * @param key under which it was refused: a replay that is repeated after a crash has the effect of one
 * @param events that it counts for
 * @param delivery as JSON, with one record; with more where Lantern Rock has all but {@code events} of them
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Replay(long databaseId, long id, String key, String reason, int events, long bytes, byte[] delivery) {}
