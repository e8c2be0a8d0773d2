package org.svos.telemetry.event;

/**
 * What a payload may be. Which events of a batch are valid depends on it, so that whoever reads the batch again has to know what
 * it was read by.
 *
 * @param maxBytes in UTF-8, as it came
 * @param maxDepth of one that is a JSON object; a text that is nested deeper is kept as it is, and marked
 */
public record PayloadLimits(int maxBytes, int maxDepth) {

    /** The contract's. */
    public static final PayloadLimits CONTRACT = new PayloadLimits(64 * 1024, 64);
}
