package org.svos.telemetry.acceptance;

/** Gateways under load, on which all kinds of things come down. */
sealed interface Ordeal extends AutoCloseable permits KillRun, ClusterRun {

    /** What the names of the blows begin with in the tally. */
    String BLOWS = "blows/";

    /** Deals that many blows, and ends with all that was accepted delivered; earlier if something is wrong. */
    void run(int blows) throws InterruptedException;

    /** What has been seen so far. */
    Tally tally();

    @Override
    void close();
}
