package org.svos.telemetry.loader.record;

/**
 * Turns the boot-time clock into wall time.
 *
 * <p>Both clocks go on in suspend and are slewed alike, so that they differ by the same offset until somebody sets the wall
 * clock. They are read together now and then; readings that agree make a span of the boot-time clock over which their
 * offset holds. An event takes the offset of the span that it lies in, or of the nearest: one from before a step keeps the
 * time that the wall clock showed then, however late it is read. Spans are kept as long as events of their time may still
 * come.
 */
public final class WallClock {

    private static final int SPANS = 64;

    /** By no more than this do readings of the same offset differ. */
    private static final long AGREEMENT_NANOS = 1_000_000L;

    // A ring of spans, the newest at newest % SPANS.
    private final long[] first = new long[SPANS];
    private final long[] last = new long[SPANS];
    private final long[] offset = new long[SPANS];
    private long newest = -1;

    /**
     * Takes a reading: the wall clock between two of the boot-time clock. One that took so long that it says too little,
     * because the thread was kept from running in between, is left out, unless there is no other yet.
     *
     * @param before of the boot-time clock in nanoseconds, never less than the time before
     * @param wallNanos since 1970
     * @param after of the boot-time clock
     */
    public void reading(long before, long wallNanos, long after) {
        if (newest < 0 || after - before < AGREEMENT_NANOS) {
            pair(before + (after - before) / 2, wallNanos);
        }
    }

    /** Takes a pair of both clocks, read at the same moment. */
    public void pair(long bootNanos, long wallNanos) {
        long difference = wallNanos - bootNanos;
        if (newest >= 0 && Math.abs(difference - offset[slot(newest)]) < AGREEMENT_NANOS) {
            last[slot(newest)] = bootNanos;
            return;
        }
        newest++;
        first[slot(newest)] = bootNanos;
        last[slot(newest)] = bootNanos;
        offset[slot(newest)] = difference;
    }

    /** Wall time, in nanoseconds since 1970, of a moment of the boot-time clock. There is at least one pair. */
    public long at(long bootNanos) {
        long oldest = Math.max(0, newest - SPANS + 1);
        long span = newest;
        while (span > oldest && distance(span - 1, bootNanos) <= distance(span, bootNanos)) {
            span--;
        }
        return bootNanos + offset[slot(span)];
    }

    /** From a moment to a span, 0 within it. */
    private long distance(long span, long bootNanos) {
        int slot = slot(span);
        return Math.max(0, Math.max(first[slot] - bootNanos, bootNanos - last[slot]));
    }

    private static int slot(long span) {
        return (int) (span % SPANS);
    }
}
