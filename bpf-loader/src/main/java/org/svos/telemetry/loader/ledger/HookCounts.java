package org.svos.telemetry.loader.ledger;

/**
 * What the kernel counted of one hook, on one CPU or on all of them.
 *
 * @param seen calls made while the hook was attached: the sum of all others
 * @param captured put into the ring
 * @param ringFull lost because the ring had no room
 * @param probeFault lost because the sandbox ID could not be read
 * @param recursion lost because a program or a probe was running on that CPU already, as far as the kernel tells
 * @param throttled held back by the storm guard
 */
public record HookCounts(long seen, long captured, long ringFull, long probeFault, long recursion, long throttled) {

    /** Nothing as yet. */
    public static final HookCounts NONE = new HookCounts(0, 0, 0, 0, 0, 0);

    /** What is seen and not accounted for: 0, unless a call is under way or the program has a defect. */
    public long unaccounted() {
        return seen - captured - lost();
    }

    /** Lost by any cause. */
    public long lost() {
        return ringFull + probeFault + recursion + throttled;
    }

    /** Both together. */
    public HookCounts plus(HookCounts other) {
        return new HookCounts(
                seen + other.seen,
                captured + other.captured,
                ringFull + other.ringFull,
                probeFault + other.probeFault,
                recursion + other.recursion,
                throttled + other.throttled);
    }
}
