package org.svos.telemetry.loader.cli;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.config.ConfigFault;

/**
 * Has the settings read again on SIGHUP. What a running loader can change it does; what only a restart takes is said by its keys.
 * After a fault in the file all is as it was. Lanes that wait try again at once, as somebody may have mended what they wait for.
 */
final class Reload {

    private static final System.Logger LOG = System.getLogger(Reload.class.getName());

    /** Keys, or the sections before a dot, of what is fixed at the start. */
    private static final Set<String> FIXED = Set.of("data", "pins", "host", "attach", "ring", "http");

    private final Source source;
    private final Config started;
    private final Semaphore asked = new Semaphore(0);
    private volatile Config current;

    /** Where the settings come from. */
    interface Source {

        Config read() throws ConfigFault;
    }

    Reload(Config started, Source source) {
        this.started = started;
        this.current = started;
        this.source = source;
    }

    /** From now on SIGHUP does not end the process. Asked for before {@link #serve}, it is done then. */
    void listen() {
        Hangup.listen(asked::release);
    }

    /** The settings as they are now. */
    Config current() {
        return current;
    }

    /** Does what is asked for, until it is interrupted. */
    void serve(Loader loader, Supervisor supervisor) {
        try {
            while (true) {
                asked.acquire();
                asked.drainPermits();
                supervisor.reloading();
                Config next = read();
                if (next != null) {
                    take(next, loader);
                }
                supervisor.reloaded(loader.state());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Config read() {
        try {
            return source.read();
        } catch (ConfigFault e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "The settings are as they were, as the new ones have a fault: " + e.getMessage());
            return null;
        }
    }

    private void take(Config next, Loader loader) {
        SortedSet<String> changed = current.differences(next);
        changed.removeIf(Reload::isFixed);
        try {
            loader.capture().settings(next.owner(), next.batch());
            loader.capture().limit(next.guardEventsPerSecond());
        } catch (BpfFault e) {
            LOG.log(System.Logger.Level.ERROR, "The setting guard.eventsPerSecond is not taken: " + e.getMessage());
        }
        loader.spool().bounds(next.spool());
        loader.uploader().settings(next);
        current = next;
        LOG.log(
                System.Logger.Level.INFO,
                "The settings were read again: "
                        + (changed.isEmpty() ? "nothing has changed" : "new are " + String.join(", ", changed)) + ".");
        SortedSet<String> fixed = new TreeSet<>(started.differences(next));
        fixed.removeIf(key -> !isFixed(key));
        if (!fixed.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Only a restart takes what is new of " + String.join(", ", fixed) + ".");
        }
    }

    private static boolean isFixed(String key) {
        int dot = key.indexOf('.');
        return FIXED.contains(dot < 0 ? key : key.substring(0, dot));
    }
}
