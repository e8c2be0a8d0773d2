package org.svos.telemetry.event;

/**
 * What a batch may hold.
 *
 * @param maxNameChars of a name or a version
 * @param payload of each
 * @param maxBodyDepth beyond it the whole body is malformed
 */
public record BatchLimits(int maxEvents, int maxNameChars, PayloadLimits payload, int maxBodyDepth) {

    /** The contract's. */
    public static final BatchLimits CONTRACT = new BatchLimits(10_000, 128, PayloadLimits.CONTRACT, 1_000);
}
