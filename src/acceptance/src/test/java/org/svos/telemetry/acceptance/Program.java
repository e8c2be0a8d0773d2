package org.svos.telemetry.acceptance;

import java.time.Duration;

/** A program under test that runs by itself: a process beside the test, or a container. */
interface Program extends AutoCloseable {

    /** For an end that was asked for. */
    Duration GRACE = Duration.ofSeconds(30);

    /** What it has said so far. */
    String output();

    /** Fails at once, with the output, if it has ended by itself. */
    void requireAlive();

    boolean isAlive();

    /** Of its first process, as this machine numbers it. */
    long pid();

    /** Waits for its end, and tells the exit code. */
    int awaitExit(Duration limit);

    /** SIGTERM, without waiting for what comes of it. */
    void terminate();

    /** SIGTERM, and its exit code. */
    default int stop() {
        terminate();
        return awaitExit(GRACE);
    }

    /** Sends it a signal, such as {@code STOP} or {@code CONT}. */
    void signal(String name);

    /** SIGKILL. */
    void kill();

    /** Ends it, if it has not ended yet. */
    @Override
    void close();
}
