package org.svos.telemetry.loader.cli;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.DatagramSocket;

/**
 * Whoever started the loader and wants to hear of it: systemd, by the protocol of sd_notify(3). Without {@code NOTIFY_SOCKET}
 * nobody does, and nothing is said.
 *
 * <p>With {@code WATCHDOG_USEC} it is told three times in that time that the loader lives, which is: that it has looked into the
 * ring since. One that no longer does is killed and started again, and goes on with what is pinned.
 */
final class Supervisor implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Supervisor.class.getName());

    private static final int SIGNS_IN_TIME = 3;

    private final @Nullable DatagramSocket socket;
    private final Duration watchdog;
    private volatile boolean stopping;
    private @Nullable Thread thread;

    private Supervisor(@Nullable DatagramSocket socket, Duration watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** The one that the environment names. */
    static Supervisor of(Map<String, String> environment) {
        String path = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (path.isEmpty()) {
            return new Supervisor(null, Duration.ZERO);
        }
        try {
            return new Supervisor(DatagramSocket.to(path), watchdog(environment));
        } catch (BpfFault | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, "Nothing can be said to NOTIFY_SOCKET: " + e.getMessage());
            return new Supervisor(null, Duration.ZERO);
        }
    }

    /** Zero: none is asked for, or of another process. */
    private static Duration watchdog(Map<String, String> environment) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String process = environment.getOrDefault("WATCHDOG_PID", "");
        boolean isMine = process.isEmpty()
                || process.equals(Long.toString(ProcessHandle.current().pid()));
        return isMine && micros.matches("[1-9][0-9]{0,15}")
                ? Duration.ofNanos(Long.parseLong(micros) * 1000)
                : Duration.ZERO;
    }

    /**
     * It captures.
     *
     * @param status a line for people
     * @param lastLook how long ago the ring was looked into
     */
    void ready(String status, Supplier<Duration> lastLook) {
        send("READY=1\nSTATUS=" + status);
        if (socket != null && watchdog.isPositive()) {
            thread = Thread.ofPlatform().name("watchdog").daemon().start(() -> tellOfLife(lastLook));
        }
    }

    private void tellOfLife(Supplier<Duration> lastLook) {
        try {
            while (true) {
                if (stopping || lastLook.get().compareTo(watchdog) < 0) {
                    send("WATCHDOG=1");
                }
                Thread.sleep(watchdog.dividedBy(SIGNS_IN_TIME));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** It reads its settings again, until {@link #reloaded}. */
    void reloading() {
        // CLOCK_MONOTONIC, as is System.nanoTime on Linux: systemd tells by it that READY comes after.
        send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
    }

    /**
     * It has, or could not.
     *
     * @param status a line for people
     */
    void reloaded(String status) {
        send("READY=1\nSTATUS=" + status);
    }

    /** It ends, which takes as long as the settings allow; it no longer looks into the ring. */
    void stopping() {
        stopping = true;
        send("STOPPING=1\nSTATUS=uploading what is left");
    }

    private synchronized void send(String text) {
        if (socket == null) {
            return;
        }
        try {
            socket.send(text);
        } catch (BpfFault e) {
            LOG.log(System.Logger.Level.DEBUG, "The supervisor does not hear: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (socket != null) {
            socket.close();
        }
    }
}
