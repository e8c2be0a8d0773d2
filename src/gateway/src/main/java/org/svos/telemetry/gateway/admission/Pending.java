package org.svos.telemetry.gateway.admission;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A batch that waits for its decision, with the thread that waits for it. */
final class Pending {

    private final Batch batch;
    private final Thread waiter = Thread.currentThread();
    private final AtomicBoolean claimed = new AtomicBoolean();
    private volatile @Nullable Outcome outcome;

    Pending(Batch batch) {
        this.batch = batch;
    }

    Batch batch() {
        return batch;
    }

    /**
     * Takes it, for good: the writer, to decide on it; or the waiter, to give up. Once the writer has it, the waiter must wait
     * for the answer, as only that tells whether it was kept.
     */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    void answer(Outcome answer) {
        outcome = answer;
        LockSupport.unpark(waiter);
    }

    /** Waits for the answer, or until the time is up and nobody has taken it: then it is given up, and this is null. */
    @Nullable
    Outcome await(long nanos) {
        long deadline = System.nanoTime() + nanos;
        boolean interrupted = false;
        boolean mayGiveUp = true;
        Outcome answer = outcome;
        while (answer == null) {
            long left = deadline - System.nanoTime();
            if (mayGiveUp && left <= 0) {
                if (claim()) {
                    break;
                }
                mayGiveUp = false;
            }
            if (mayGiveUp) {
                LockSupport.parkNanos(this, left);
            } else {
                LockSupport.park(this);
            }
            interrupted |= Thread.interrupted();
            answer = outcome;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return answer;
    }
}
