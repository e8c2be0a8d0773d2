package org.svos.telemetry.loader.attach;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfHandle;
import org.svos.telemetry.loader.bpf.BpfLink;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.bpf.PerCpuArray;
import org.svos.telemetry.loader.record.CounterLayout;
import org.svos.telemetry.loader.record.Hook;

/** What holds the programs to the five functions. Not for several threads at once. */
final class Links implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Links.class.getName());
    private static final int SWEEPS = 100;
    private static final long SWEEP_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final LoadedMaps maps;
    private final KernelFiles kernel;
    private final @Nullable Pins pins;
    private final Map<Hook, Held> held = new EnumMap<>(Hook.class);

    // A program that is attached once more goes on counting where it was: what is in the map already.
    private final Map<Hook, Long> kept = new EnumMap<>(Hook.class);
    private final Map<Hook, ProbeMisses> probeMisses = new EnumMap<>(Hook.class);
    private boolean byTracefs;

    Links(LoadedMaps maps, KernelFiles kernel, @Nullable Pins pins) {
        this.maps = maps;
        this.kernel = kernel;
        this.pins = pins;
    }

    /** One function's link and its program's descriptor: made here, or those that are pinned, opened. */
    private sealed interface Held {

        record New(BpfLink link, int program) implements Held {}

        record Kept(BpfHandle link, BpfHandle entry) implements Held {}
    }

    /** Attaches to the functions that are not held, keeping the links of that way that are pinned and live. */
    void attach(Mechanism mechanism) throws BpfFault {
        byTracefs = mechanism instanceof TracefsProbe;
        String way = mechanism.way(kernel);
        for (Hook hook : Hook.ALL) {
            if (held.containsKey(hook)) {
                continue;
            }
            Held there = pins == null ? null : pinned(pins, way, hook);
            if (there == null) {
                drop(hook);
                there = attached(mechanism, way, hook);
            }
            held.put(hook, there);
        }
    }

    private static @Nullable Held pinned(Pins pins, String way, Hook hook) throws BpfFault {
        BpfHandle link = BpfHandle.open(pins.link(way, hook));
        BpfHandle entry = BpfHandle.open(pins.entry(hook));
        if (link != null
                && entry != null
                && link.link().program() == entry.program().id()) {
            return new Held.Kept(link, entry);
        }
        if (link != null || entry != null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The pinned link of " + hook.function()
                            + " holds something else than this program. It is replaced.");
        }
        if (link != null) {
            link.close();
        }
        if (entry != null) {
            entry.close();
        }
        return null;
    }

    private Held attached(Mechanism mechanism, String way, Hook hook) throws BpfFault {
        BpfProgram entry = maps.entry(hook);
        BpfLink link = mechanism.attach(entry, hook);
        boolean done = false;
        try {
            if (pins != null) {
                BpfHandle.pin(entry.fd(), pins.entry(hook));
                link.pin(pins.link(way, hook));
            }
            done = true;
            return new Held.New(link, entry.fd());
        } finally {
            if (!done) {
                link.close();
            }
        }
    }

    /** Calls of the function that the kernel kept from the program while this link held it. */
    long missed(Hook hook) throws BpfFault {
        return switch (held.get(hook)) {
            case null -> 0;
            case Held.New link -> missedByProbe(hook, link.link().missed()) + missedByProgram(hook, link);
            case Held.Kept link ->
                missedByProbe(hook, link.link().link().missed())
                        + link.entry().program().misses();
        };
    }

    private long missedByProbe(Hook hook, long read) {
        ProbeMisses misses = probeMisses.getOrDefault(hook, ProbeMisses.NONE).read(read);
        probeMisses.put(hook, misses);
        return misses.all();
    }

    private long missedByProgram(Hook hook, Held.New link) throws BpfFault {
        return BpfHandle.ProgramInfo.of(link.program()).misses() - kept.getOrDefault(hook, 0L);
    }

    /** Lets go of what an earlier loader has attached in that way. */
    void letGoOf(Mechanism mechanism) throws BpfFault {
        byTracefs = mechanism instanceof TracefsProbe;
        detach();
    }

    /** Lets go of all functions, pinned or not. */
    void detach() throws BpfFault {
        for (Hook hook : Hook.ALL) {
            drop(hook);
        }
        if (byTracefs) {
            sweep();
        }
    }

    /** Lets go of one. What was missed until then is told by nobody any more, and is kept in the map that stays. */
    private void drop(Hook hook) throws BpfFault {
        long missed = held.containsKey(hook) ? missed(hook) : missedByPinned(hook);
        probeMisses.remove(hook);
        switch (held.remove(hook)) {
            case null -> {}
            case Held.New link -> {
                kept.merge(hook, missedByProgram(hook, link), Long::sum);
                link.link().close();
            }
            case Held.Kept link -> {
                link.link().close();
                link.entry().close();
            }
        }
        if (pins != null) {
            pins.removeLinks(hook);
        }
        if (missed > 0) {
            keep(hook, missed);
        }
    }

    private long missedByPinned(Hook hook) throws BpfFault {
        return pins == null ? 0 : pins.missed(hook);
    }

    /** Nothing runs for the hook now, so nobody else writes its entry. */
    private void keep(Hook hook, long missed) throws BpfFault {
        PerCpuArray counters = new PerCpuArray(Pins.COUNTERS, maps.fd(Pins.COUNTERS), CounterLayout.BYTES);
        counters.read(hook.code());
        counters.add(CounterLayout.SEEN, missed);
        counters.add(CounterLayout.RECURSION, missed);
        counters.write();
    }

    /** The kernel lets go of a link a little after its last holder. */
    private void sweep() {
        TraceEvents events = TraceEvents.of(kernel);
        for (int i = 0; i < SWEEPS && events != null && events.sweep() > 0; i++) {
            LockSupport.parkNanos(SWEEP_PAUSE_NANOS);
        }
    }

    /** Ends this process's part of links that are pinned. */
    void leave() {
        for (Held one : held.values()) {
            switch (one) {
                case Held.New link -> link.link().leave();
                case Held.Kept link -> {
                    link.link().close();
                    link.entry().close();
                }
            }
        }
        held.clear();
    }

    /** Lets go of links that are not pinned. */
    @Override
    public void close() {
        try {
            detach();
        } catch (BpfFault e) {
            LOG.log(System.Logger.Level.WARNING, "Letting go of the functions failed: " + e.getMessage());
        }
    }
}
