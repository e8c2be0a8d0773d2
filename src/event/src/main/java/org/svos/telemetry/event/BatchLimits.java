package org.svos.telemetry.event;

/**
 * What a batch may hold.
 *
 * @param maxNameChars of a name or a version
 * @param maxPayloadBytes of a payload, in UTF-8, as it came
 * @param maxPayloadDepth of a payload that is a JSON object
 * @param maxBodyDepth beyond it the whole body is malformed
 */
public record BatchLimits(int maxEvents, int maxNameChars, int maxPayloadBytes, int maxPayloadDepth, int maxBodyDepth) {

    /** The contract's. */
    public static final BatchLimits CONTRACT = new BatchLimits(10_000, 128, 64 * 1024, 64, 1_000);
}
