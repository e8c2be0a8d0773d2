package org.svos.telemetry.gateway.forward;

import java.util.concurrent.Semaphore;

/**
 * Bounds what all lanes do and hold at once, first come, first served: each lane comes once for every step, so that they take
 * turns.
 */
final class Capacity {

    private static final int UNIT_BYTES = 1024;

    private final Semaphore turns;
    private final Semaphore memory;
    private final int memoryUnits;

    /**
     * A capacity.
     *
     * @param turns lanes at work at once
     * @param memoryBytes of decompressed bodies at once; a body of more has all of it to itself
     */
    Capacity(int turns, long memoryBytes) {
        this.turns = new Semaphore(turns, true);
        this.memoryUnits = Math.clamp(memoryBytes / UNIT_BYTES, 1, Integer.MAX_VALUE);
        this.memory = new Semaphore(memoryUnits, true);
    }

    /** Gives back what was taken. */
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    Hold turn() throws InterruptedException {
        turns.acquire();
        return turns::release;
    }

    Hold memory(long bytes) throws InterruptedException {
        int units = Math.clamp(bytes / UNIT_BYTES + 1, 1, memoryUnits);
        memory.acquire(units);
        return () -> memory.release(units);
    }
}
