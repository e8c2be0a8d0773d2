package org.svos.telemetry.loader.upload;

import java.util.concurrent.Semaphore;

/** How many lanes may be at work at once, each for one batch: so many bodies are in memory. First come, first served. */
final class Places {

    private static final class Resizable extends Semaphore {
        private static final long serialVersionUID = 1L;

        Resizable(int permits) {
            super(permits, true);
        }

        void reduce(int by) {
            reducePermits(by);
        }
    }

    private final Resizable free;
    private int size;

    Places(int size) {
        this.size = size;
        this.free = new Resizable(size);
    }

    void enter() throws InterruptedException {
        free.acquire();
    }

    void leave() {
        free.release();
    }

    /** Takes effect as places become free. */
    synchronized void resize(int other) {
        if (other > size) {
            free.release(other - size);
        } else {
            free.reduce(size - other);
        }
        size = other;
    }
}
