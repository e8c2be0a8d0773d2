package org.svos.telemetry.loader.record;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Watches the numbers that each CPU gave its records, to tell a record that comes a second time.
 *
 * <p>Of a CPU, the highest number so far is known, and of the 64 numbers up to it which have come, one bit each. A number
 * above moves the window; one within it is new if its bit is not set, which happens where a task was preempted between
 * taking a number and putting the record out; any other has been here before.
 */
public final class CpuSequences {

    private static final int WINDOW = 64;

    /** More than any kernel has: beyond it a record's CPU is not believed. */
    private static final int MOST_CPUS = 8192;

    private long[] highest = new long[16];
    private long[] come = new long[16];
    private final AtomicLong doubles = new AtomicLong();

    /** Takes a record's number; whether it is new. */
    public boolean isNew(int cpu, long sequence) {
        if (cpu < 0 || cpu >= MOST_CPUS) {
            return true;
        }
        if (cpu >= highest.length) {
            int length = Math.max(cpu + 1, highest.length * 2);
            highest = Arrays.copyOf(highest, length);
            come = Arrays.copyOf(come, length);
        }
        long ahead = sequence - highest[cpu];
        if (ahead > 0) {
            come[cpu] = ahead < WINDOW ? come[cpu] << ahead | 1 : 1;
            highest[cpu] = sequence;
            return true;
        }
        long bit = ahead > -WINDOW ? 1L << -ahead : 0;
        if (bit == 0 || (come[cpu] & bit) != 0) {
            doubles.incrementAndGet();
            return false;
        }
        come[cpu] |= bit;
        return true;
    }

    /** Records that came a second time; any thread may ask. */
    public long doubles() {
        return doubles.get();
    }
}
