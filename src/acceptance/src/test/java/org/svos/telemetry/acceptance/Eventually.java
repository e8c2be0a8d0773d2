package org.svos.telemetry.acceptance;

import java.time.Duration;

/** Waits for what other processes bring about: an assertion is tried until it holds. */
final class Eventually {

    private Eventually() {}

    /** Tries the assertion until it holds; once the limit has passed, its last failure is thrown. */
    static void within(Duration limit, Runnable assertion) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                assertion.run();
                return;
            } catch (AssertionError e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
