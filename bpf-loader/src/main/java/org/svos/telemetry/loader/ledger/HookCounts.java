package org.svos.telemetry.loader.ledger;

/**
 * What the kernel counted of one hook, all CPUs together.
 *
 * @param seen calls made while the hook was attached: the sum of all others
 * @param captured put into the ring
 * @param ringFull lost because the ring had no room
 * @param probeFault lost because the sandbox ID could not be read
 * @param recursion lost because the program was running on that CPU already
 * @param throttled lost because of a limit
 */
public record HookCounts(long seen, long captured, long ringFull, long probeFault, long recursion, long throttled) {

    static final HookCounts NONE = new HookCounts(0, 0, 0, 0, 0, 0);

    HookCounts plus(HookCounts other) {
        return new HookCounts(
                seen + other.seen,
                captured + other.captured,
                ringFull + other.ringFull,
                probeFault + other.probeFault,
                recursion + other.recursion,
                throttled + other.throttled);
    }
}
