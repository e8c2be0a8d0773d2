package org.svos.telemetry.loader.record;

/**
 * Turns the boot-time clock into wall time.
 *
 * <p>Both clocks are read together now and then; such a pair gives the offset that held at that moment. An event takes the
 * offset of the pair that is nearest to it on the boot-time clock, so that an event from before a step of the wall clock
 * keeps the time that the wall clock showed then. A pair is kept as long as events of its time may still come.
 */
public final class WallClock {

    private static final int PAIRS = 64;

    /** Nearer together than this, two pairs that agree are one. */
    private static final long SPACING_NANOS = 1_000_000_000L;

    private static final long AGREEMENT_NANOS = 1_000_000L;

    // A ring of pairs, the newest at newest % PAIRS.
    private final long[] boot = new long[PAIRS];
    private final long[] offset = new long[PAIRS];
    private long newest = -1;

    /**
     * Takes a pair of both clocks.
     *
     * @param bootNanos of the boot-time clock, never less than the time before
     * @param wallNanos since 1970
     */
    public void pair(long bootNanos, long wallNanos) {
        long difference = wallNanos - bootNanos;
        if (newest >= 0) {
            int last = slot(newest);
            boolean agrees = Math.abs(difference - offset[last]) < AGREEMENT_NANOS;
            if (agrees && bootNanos - boot[last] < SPACING_NANOS) {
                return;
            }
        }
        newest++;
        boot[slot(newest)] = bootNanos;
        offset[slot(newest)] = difference;
    }

    /** Wall time, in nanoseconds since 1970, of a moment of the boot-time clock. There is at least one pair. */
    public long at(long bootNanos) {
        long oldest = Math.max(0, newest - PAIRS + 1);
        long pair = newest;
        while (pair > oldest && Math.abs(boot[slot(pair - 1)] - bootNanos) <= Math.abs(boot[slot(pair)] - bootNanos)) {
            pair--;
        }
        return bootNanos + offset[slot(pair)];
    }

    private static int slot(long pair) {
        return (int) (pair % PAIRS);
    }
}
