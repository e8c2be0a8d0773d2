package org.svos.telemetry.loader.cli;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process as asked when it gets SIGTERM or SIGINT.
 *
 * <p>The virtual machine would end it with the signal's exit code as soon as its shutdown hooks are through. So the hook
 * has the work ended, waits for it, and halts with the code of the work.
 */
final class Shutdown {

    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable Runnable stop;
    private boolean asked;
    private int code;

    static Shutdown install() {
        Shutdown shutdown = new Shutdown();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(shutdown::ask));
        return shutdown;
    }

    private void ask() {
        Runnable asking;
        synchronized (this) {
            asked = true;
            asking = stop;
        }
        if (asking != null) {
            asking.run();
        }
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            Runtime.getRuntime().halt(code);
        }
    }

    /** Says how the work is to be ended; at once if the process was asked to end before there was any. */
    void stopBy(Runnable how) {
        boolean now;
        synchronized (this) {
            stop = how;
            now = asked;
        }
        if (now) {
            how.run();
        }
    }

    /** The work has ended, and with it everything that it had opened. */
    synchronized int ended(int exitCode) {
        code = exitCode;
        ended.countDown();
        return exitCode;
    }
}
