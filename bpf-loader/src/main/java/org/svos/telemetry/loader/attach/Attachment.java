package org.svos.telemetry.loader.attach;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.ArrayMap;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfHandle;
import org.svos.telemetry.loader.bpf.PerCpuArray;
import org.svos.telemetry.loader.record.CounterLayout;
import org.svos.telemetry.loader.record.GuardLayout;
import org.svos.telemetry.loader.record.Hook;

/**
 * The programs, loaded and attached. Without pins all of it is gone from the kernel with the process; with them it stays,
 * and the next loader goes on with it, until somebody detaches.
 */
public final class Attachment implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Attachment.class.getName());

    private final KernelFiles kernel;
    private final @Nullable Pins pins;
    private final LoadedMaps maps;
    private final Links links;
    private final boolean resumed;
    private final boolean builtIn;
    private volatile Mechanism mechanism;
    private long moduleLoading;
    private boolean detached;
    private boolean paused;
    private volatile int limit;

    private Attachment(KernelFiles kernel, @Nullable Pins pins, LoadedMaps maps, Links links, Mechanism mechanism) {
        this.kernel = kernel;
        this.pins = pins;
        this.maps = maps;
        this.links = links;
        this.mechanism = mechanism;
        this.resumed = maps.arePinnedBefore();
        this.moduleLoading = kernel.moduleLoading();
        this.builtIn = mechanism instanceof TracefsProbe && kernel.hasFunctionsBuiltIn();
    }

    /** What came of attaching. */
    public sealed interface Attempt {

        /** All five functions are captured from now on. */
        record Attached(Attachment attachment) implements Attempt {}

        /** Nothing new is left in the kernel. */
        record Failed(List<Lack> lacks) implements Attempt {}
    }

    /**
     * Loads the programs and attaches them by the first of the preflight's mechanisms that the kernel takes, or goes on
     * with what an earlier loader left pinned.
     *
     * @param ringBytes of a new ring; one that is there already keeps its size
     * @param pins where everything is to stay; null if nowhere
     */
    public static <E extends Exception> Attempt attach(
            Preflight preflight, KernelFiles kernel, int ringBytes, @Nullable Pins pins, RingBook<E> book) throws E {
        return begin(preflight, kernel, ringBytes, pins, book, true);
    }

    /**
     * Loads the programs and attaches none: {@link #pause()} before the beginning. What an earlier loader left attached is
     * let go of.
     */
    public static <E extends Exception> Attempt load(
            Preflight preflight, KernelFiles kernel, int ringBytes, @Nullable Pins pins, RingBook<E> book) throws E {
        return begin(preflight, kernel, ringBytes, pins, book, false);
    }

    private static <E extends Exception> Attempt begin(
            Preflight preflight,
            KernelFiles kernel,
            int ringBytes,
            @Nullable Pins pins,
            RingBook<E> book,
            boolean attaches)
            throws E {
        if (preflight.libbpf() == null || !preflight.lacks().isEmpty()) {
            return new Attempt.Failed(preflight.lacks());
        }
        TraceEvents left = TraceEvents.of(kernel);
        if (left != null) {
            left.sweep();
        }
        List<Lack> refusals = new ArrayList<>();
        for (Mechanism mechanism : inTurn(preflight.mechanisms(), pins, kernel)) {
            try {
                return new Attempt.Attached(
                        begin(new Loading(preflight.libbpf(), mechanism, ringBytes), kernel, pins, book, attaches));
            } catch (BpfFault e) {
                refusals.add(new Lack.Refused(
                        String.valueOf(e.getMessage()), preflight.libbpf().said()));
            }
        }
        return new Attempt.Failed(refusals);
    }

    /** The one whose links are pinned first, so that no call is missed by changing it. */
    private static List<Mechanism> inTurn(List<Mechanism> mechanisms, @Nullable Pins pins, KernelFiles kernel) {
        List<Mechanism> inTurn = new ArrayList<>(mechanisms);
        if (pins != null) {
            mechanisms.stream()
                    .filter(mechanism -> pins.isAttached(mechanism.way(kernel)))
                    .findFirst()
                    .ifPresent(mechanism -> {
                        inTurn.remove(mechanism);
                        inTurn.addFirst(mechanism);
                    });
        }
        return inTurn;
    }

    private static <E extends Exception> Attachment begin(
            Loading loading, KernelFiles kernel, @Nullable Pins given, RingBook<E> book, boolean attaches)
            throws BpfFault, E {
        LoadedMaps maps = loading.load(given, book);
        Pins pins = maps.arePinned() ? given : null;
        Links links = new Links(maps, kernel, pins);
        boolean done = false;
        try {
            if (!maps.arePinnedBefore()) {
                book.begins(maps.ringId());
            }
            if (attaches) {
                links.attach(loading.mechanism());
            } else {
                links.letGoOf(loading.mechanism());
            }
            Attachment attachment = new Attachment(kernel, pins, maps, links, loading.mechanism());
            attachment.paused = !attaches;
            done = true;
            return attachment;
        } finally {
            if (!done) {
                undo(maps, links, pins);
            }
        }
    }

    /** Takes back what was begun; what an earlier loader left in its ring stays there. */
    private static void undo(LoadedMaps maps, Links links, @Nullable Pins pins) {
        try {
            links.detach();
            if (pins != null && !maps.arePinnedBefore()) {
                pins.empty();
            }
        } catch (BpfFault e) {
            LOG.log(System.Logger.Level.WARNING, "Not everything could be taken back: " + e.getMessage());
        } finally {
            maps.close();
        }
    }

    /**
     * What an earlier loader left pinned, to be drained for the last time, with nothing attached any more; null if there
     * is no such thing.
     */
    public static <E extends Exception> @Nullable Attachment leftBehind(Pins pins, RingBook<E> book, KernelFiles kernel)
            throws BpfFault, E {
        Map<String, BpfHandle> kept = pins.maps(book);
        if (kept.isEmpty()) {
            return null;
        }
        LoadedMaps maps = LoadedMaps.withoutPrograms(new HashMap<>(kept));
        Attachment attachment = new Attachment(kernel, pins, maps, new Links(maps, kernel, pins), new KprobeLink());
        attachment.detach();
        return attachment;
    }

    /** How the programs are attached; it changes when the module of the functions goes. */
    public Mechanism mechanism() {
        return mechanism;
    }

    /** Whether the functions are in a module that is not loaded now. */
    public boolean isWaitingForModule() {
        return mechanism instanceof TracefsProbe && !builtIn && kernel.moduleLoading() == 0;
    }

    /** Where all of it stays when the process ends; null if it does not. */
    public @Nullable Path pinnedIn() {
        return pins == null ? null : pins.folder();
    }

    /** Whether the ring was there already, with what came into it since the loader before this one. */
    public boolean isResumed() {
        return resumed;
    }

    /** The ring's descriptor, which lives as long as the attachment. */
    public int ringFd() throws BpfFault {
        return maps.fd(Pins.RING);
    }

    /** Bytes of the ring. */
    public int ringBytes() throws BpfFault {
        return BpfHandle.MapInfo.of(ringFd()).entries();
    }

    /** The kernel's number of the ring. */
    public long ringId() throws BpfFault {
        return maps.ringId();
    }

    /** The kernel's counters, an entry a {@link Hook#code()}. */
    public PerCpuArray counters() throws BpfFault {
        return new PerCpuArray(Pins.COUNTERS, maps.fd(Pins.COUNTERS), CounterLayout.BYTES);
    }

    /**
     * Sets the storm guard's limit, at once.
     *
     * @param eventsPerSecond of a sandbox; 0 for no limit
     */
    public void limit(int eventsPerSecond) throws BpfFault {
        limit = eventsPerSecond;
        long interval = eventsPerSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / eventsPerSecond;
        new ArrayMap(Pins.SETTINGS, maps.fd(Pins.SETTINGS), GuardLayout.SETTINGS_BYTES).write(0, interval);
    }

    /** The limit that was set last. */
    public int limit() {
        return limit;
    }

    /** The storm guard's table, of {@link GuardLayout#SETS} entries. */
    public ArrayMap guard() throws BpfFault {
        return new ArrayMap(Pins.GUARD, maps.fd(Pins.GUARD), GuardLayout.SET_BYTES);
    }

    /**
     * Calls that the kernel kept from the hook's program, because that or another was running on the CPU: as far as it
     * tells. Two places know of them: the probe, of calls within another probe's handler, and the program, of calls
     * within another program. Those of probes and programs that are gone are in the counters.
     */
    public synchronized long missed(Hook hook) throws BpfFault {
        return links.missed(hook);
    }

    /**
     * Looks whether the functions are still where they were attached to, and attaches to them again if they are not. With
     * their module gone they are waited for by tracefs, which misses no call of the module's next loading.
     */
    public synchronized void tend() throws BpfFault {
        long loading = kernel.moduleLoading();
        if (detached || paused || !mechanism.diesWithModule() || loading == moduleLoading) {
            return;
        }
        links.detach();
        if (!attachAnew(loading)) {
            return;
        }
        LOG.log(
                loading == 0 ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                loading == 0
                        ? "The module telemetry was unloaded. Its functions are probed by tracefs as soon as it is back."
                        : "The module telemetry was loaded anew before it was waited for. Its functions are attached to again;"
                                + " calls since it was loaded were seen by nobody, and are in no count.");
    }

    /** Attaches to the functions where they are now; false while there is nothing to attach to. */
    private boolean attachAnew(long loading) throws BpfFault {
        Mechanism next = mechanism;
        boolean isGone = mechanism.diesWithModule() && loading != moduleLoading && loading == 0;
        if (isGone) {
            next = new TracefsProbe(kernel);
            if (!next.lacks(kernel).isEmpty()) {
                return false; // Without tracefs there is nothing until the module is back.
            }
        }
        links.attach(next);
        mechanism = next;
        moduleLoading = loading;
        return true;
    }

    /** Lets go of the functions until {@link #resume()}. What is in the ring stays there, and the counters stand. */
    public synchronized void pause() throws BpfFault {
        if (!detached && !paused) {
            links.detach();
            paused = true;
            LOG.log(System.Logger.Level.INFO, "Nothing is attached any more, as the host's owner wants it.");
        }
    }

    /** Attaches again after {@link #pause()}. */
    public synchronized void resume() throws BpfFault {
        if (!detached && paused && attachAnew(kernel.moduleLoading())) {
            paused = false;
            LOG.log(System.Logger.Level.INFO, "The functions are attached to again, as the host's owner wants it.");
        }
    }

    /** Lets go of the functions. What is in the ring stays there, and the counters stand. */
    public synchronized void detach() throws BpfFault {
        detached = true;
        links.detach();
    }

    /** Ends this process's part; if all is pinned and not detached, the kernel goes on capturing. */
    @Override
    public synchronized void close() {
        if (pins == null) {
            links.close();
        } else {
            links.leave();
        }
        maps.close();
    }
}
