package org.svos.telemetry.gateway.forward;

import org.svos.telemetry.gateway.spool.Room;

/**
 * The memory of one step of a lane, taken before the bodies are read: for the first batch it is waited for, for others it is taken
 * if it is there. A large batch goes alone.
 */
final class Reservation implements Room {

    private final Capacity.Memory memory;
    /** Taken for the first batch before it is asked for. */
    private long ready;
    /** What the first batch wants and there was not; 0: nothing. */
    private long missing;

    private int asked;
    private boolean hasLarge;

    Reservation(Capacity.Memory memory) {
        this.memory = memory;
    }

    @Override
    public boolean take(int length, long bytes, int events) {
        boolean isLarge = Shaper.isLarge(bytes, events);
        long wanted = Shaper.memory(length, bytes, events);
        asked++;
        if (asked > 1) {
            return !isLarge && !hasLarge && memory.tryToTake(wanted);
        }
        hasLarge = isLarge;
        if (wanted <= ready || memory.tryToTake(wanted)) {
            return true;
        }
        missing = wanted;
        return false;
    }

    /** Whether it was asked for room at all. */
    boolean wasAsked() {
        return asked > 0;
    }

    /** Whether there was none for the first batch. */
    boolean isShort() {
        return missing > 0;
    }

    /** Waits for what the first batch wants; then it can be asked for it again. */
    void await() throws InterruptedException {
        memory.close();
        memory.take(missing);
        ready = missing;
        missing = 0;
        asked = 0;
    }
}
