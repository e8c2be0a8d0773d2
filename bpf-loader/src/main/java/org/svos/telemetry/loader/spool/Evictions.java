package org.svos.telemetry.loader.spool;

import java.util.concurrent.TimeUnit;

/** Says in the log that batches go, and why; once a minute as long as they do. */
final class Evictions {

    private static final System.Logger LOG = System.getLogger(Evictions.class.getName());
    private static final long SAID_NANOS = TimeUnit.MINUTES.toNanos(1);

    private long said;

    /**
     * Some went.
     *
     * @param events of this boot, so far
     */
    void say(String why, long events) {
        long now = System.nanoTime();
        if (said == 0 || now - said > SAID_NANOS) {
            said = now;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The spool " + why + ": the oldest events go, " + events + " of this boot so far.");
        }
    }
}
