package org.svos.telemetry.gateway.intake;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Bounds what the intake holds at a time, in requests and in bytes of their bodies. Who finds no room is refused at once, and
 * does not wait: the memory that the waiting would take is what there is none of.
 */
final class Capacity {

    private static final int PERMIT_BYTES = 1024;

    private final Semaphore requests;
    private final Semaphore kibibytes;
    private volatile boolean draining;

    Capacity(int requests, DataSize bodies) {
        this.requests = new Semaphore(requests);
        this.kibibytes = new Semaphore(Math.toIntExact(bodies.toKilobytes()));
    }

    /** A place for one request, to be closed when it is answered; null if there is none. */
    @Nullable
    Place enter() {
        return requests.tryAcquire() ? new Place() : null;
    }

    /** From now on every request is to be refused, since the gateway stops. */
    void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    /** One request's place, and the bytes that it holds. */
    final class Place implements AutoCloseable {

        private int held;

        /** Whether there is room for so many bytes more; if so, they are held until the place is closed. */
        boolean hold(int bytes) {
            int permits = Math.ceilDiv(bytes, PERMIT_BYTES);
            if (!kibibytes.tryAcquire(permits)) {
                return false;
            }
            held += permits;
            return true;
        }

        @Override
        public void close() {
            kibibytes.release(held);
            requests.release();
        }
    }
}
