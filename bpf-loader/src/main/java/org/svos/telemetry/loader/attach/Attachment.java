package org.svos.telemetry.loader.attach;

import java.io.IOException;
import java.io.InputStream;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.ArrayMap;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfLink;
import org.svos.telemetry.loader.bpf.BpfObject;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.bpf.Libbpf;
import org.svos.telemetry.loader.bpf.PerCpuArray;
import org.svos.telemetry.loader.record.CounterLayout;
import org.svos.telemetry.loader.record.GuardLayout;
import org.svos.telemetry.loader.record.Hook;

/** The programs, loaded and attached. Nothing is pinned: with the process all of it is gone from the kernel. */
public final class Attachment implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Attachment.class.getName());

    private static final String RING = "ring";
    private static final String COUNTERS = "counters";
    private static final String SETTINGS = "settings";
    private static final String GUARD = "guard";
    private static final String RESOURCES = "/org/svos/telemetry/loader/bpf/";

    private final Mechanism mechanism;
    private final BpfObject object;
    private final Map<Hook, BpfProgram> programs = new EnumMap<>(Hook.class);
    private final Map<Hook, BpfLink> links = new EnumMap<>(Hook.class);
    private final Map<Hook, Long> missedByClosed = new EnumMap<>(Hook.class);
    private int limit;

    private Attachment(Mechanism mechanism, BpfObject object) {
        this.mechanism = mechanism;
        this.object = object;
    }

    /** What came of attaching. */
    public sealed interface Attempt {

        /** All five functions are captured from now on. */
        record Attached(Attachment attachment) implements Attempt {}

        /** Nothing is left in the kernel. */
        record Failed(List<Lack> lacks) implements Attempt {}
    }

    /** Loads the programs and attaches them by the preflight's mechanism, if it found nothing lacking. */
    public static Attempt attach(Preflight preflight, int ringBytes) {
        Libbpf libbpf = preflight.libbpf();
        if (libbpf == null || !preflight.lacks().isEmpty()) {
            return new Attempt.Failed(preflight.lacks());
        }
        Attachment attachment = null;
        try {
            Mechanism mechanism = preflight.mechanism();
            attachment = new Attachment(mechanism, libbpf.open(image(mechanism.object()), "telemetry"));
            attachment.attach(ringBytes);
            return new Attempt.Attached(attachment);
        } catch (BpfFault e) {
            if (attachment != null) {
                attachment.close();
            }
            return new Attempt.Failed(List.of(new Lack.Refused(String.valueOf(e.getMessage()), libbpf.said())));
        }
    }

    private static byte[] image(String name) {
        try (@Nullable InputStream in = Attachment.class.getResourceAsStream(RESOURCES + name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("the jar's " + name + " cannot be read", e);
        }
    }

    private void attach(int ringBytes) throws BpfFault {
        object.resize(RING, ringBytes);
        object.load();
        for (Hook hook : Hook.ALL) {
            BpfProgram program = object.program(hook.program());
            programs.put(hook, program);
            links.put(hook, mechanism.attach(program, hook));
        }
    }

    /** How the programs are attached. */
    public Mechanism mechanism() {
        return mechanism;
    }

    /** The ring's descriptor, which lives as long as the attachment. */
    public int ringFd() throws BpfFault {
        return object.mapFd(RING);
    }

    /** Bytes of the ring. */
    public int ringBytes() throws BpfFault {
        return object.entries(RING);
    }

    /** The kernel's counters, an entry a {@link Hook#code()}. */
    public PerCpuArray counters() throws BpfFault {
        return object.perCpuArray(COUNTERS, CounterLayout.BYTES);
    }

    /**
     * Sets the storm guard's limit, at once.
     *
     * @param eventsPerSecond of a sandbox; 0 for no limit
     */
    public void limit(int eventsPerSecond) throws BpfFault {
        limit = eventsPerSecond;
        long interval = eventsPerSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / eventsPerSecond;
        object.arrayMap(SETTINGS, GuardLayout.SETTINGS_BYTES).write(0, interval);
    }

    /** The limit that was set last. */
    public int limit() {
        return limit;
    }

    /** The storm guard's table, of {@link GuardLayout#SETS} entries. */
    public ArrayMap guard() throws BpfFault {
        return object.arrayMap(GUARD, GuardLayout.SET_BYTES);
    }

    /**
     * Calls that the kernel kept from the hook's program, because that or another was running on the CPU: as far as it
     * tells. Two places know of them: the probe, of calls within another probe's handler, and the program, of calls
     * within another program.
     */
    public synchronized long missed(Hook hook) throws BpfFault {
        BpfProgram program = programs.get(hook);
        BpfLink link = links.get(hook);
        return missedByClosed.getOrDefault(hook, 0L)
                + (link == null ? 0 : link.missed())
                + (program == null ? 0 : program.recursionMisses());
    }

    /** Lets go of the functions. What is in the ring stays there, and the counters stand. */
    public synchronized void detach() {
        links.forEach((hook, link) -> {
            remember(hook, link);
            link.close();
        });
        links.clear();
    }

    private void remember(Hook hook, BpfLink link) {
        try {
            missedByClosed.merge(hook, link.missed(), Long::sum);
        } catch (BpfFault e) {
            LOG.log(System.Logger.Level.WARNING, "What the probe of " + hook.function() + " missed is not known: " + e);
        }
    }

    @Override
    public void close() {
        detach();
        object.close();
    }
}
