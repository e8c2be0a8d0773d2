package org.svos.telemetry.loader.record;

/**
 * Where things are in an entry of the map of counters, as {@code telemetry.h} has it: six u64, one entry a
 * {@link Hook#code()} and CPU; tested against the compiled object.
 *
 * <pre>
 *      0 seen   8 captured   16 ring_full   24 probe_fault   32 throttled   40 recursion
 * </pre>
 */
public final class CounterLayout {

    public static final int SEEN = 0;
    public static final int CAPTURED = 8;
    public static final int RING_FULL = 16;
    public static final int PROBE_FAULT = 24;
    public static final int THROTTLED = 32;
    public static final int RECURSION = 40;
    public static final int BYTES = 48;

    private CounterLayout() {}
}
