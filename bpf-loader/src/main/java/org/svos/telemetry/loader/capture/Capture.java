package org.svos.telemetry.loader.capture;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.attach.Attachment;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.Poller;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.Balance;
import org.svos.telemetry.loader.ledger.CpuCounts;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.ledger.KernelSum;
import org.svos.telemetry.loader.record.Text;
import org.svos.telemetry.loader.ring.RingMapping;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.spool.SpoolFault;

/**
 * The drain: one thread that reads the ring and puts what it read on disk, a round at a time ({@link Rounds}). While the
 * spool cannot be written the round is kept and tried again, the ring fills, and the kernel counts what it has no room for.
 */
public final class Capture implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Capture.class.getName());

    private static final int IDLE_MILLIS = 500;
    private static final long COUNTS_KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FAILURE_SAID_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LAST_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    // While a round is open the kernel wakes nobody, as the reader has not released: it looks by itself, seldom when
    // little comes, at most every 5 ms, in which an 8 MiB ring does not fill.
    private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(40);

    // How soon a module that was unloaded is noticed: until then nobody waits for its next loading.
    private static final long TEND_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Attachment attachment;
    private final Thread tender;
    private final KernelCounters counters;
    private final KernelWatch watch;
    private final RingMapping mapping;
    private final Poller poller;
    private final Rounds rounds;
    private final Spool spool;
    private final KernelCounts earlier;
    private final Consumer<Collection<SandboxId>> spooled;

    private volatile boolean stopping;
    private volatile Wanted wanted;
    private Wanted applied;
    private volatile @Nullable Instant offSince;
    private volatile long lastDrain = System.nanoTime();
    private volatile KernelCounts counts;
    private long countsKept;
    private long pause = SHORTEST_PAUSE;
    private long failureSaid;

    /**
     * A capture of what is attached.
     *
     * @param spooled told which sandboxes have new batches, on the drain's thread
     */
    public Capture(
            Attachment attachment,
            Spool spool,
            Config.Batching batching,
            Host host,
            Consumer<Collection<SandboxId>> spooled)
            throws BpfFault, SpoolFault {
        this.attachment = attachment;
        this.wanted = new Wanted(Config.Owner.OPEN, batching);
        this.applied = wanted;
        this.tender = Thread.ofPlatform().name("attachment").daemon().unstarted(this::tend);
        this.spool = spool;
        this.spooled = spooled;
        this.counters = new KernelCounters(attachment);
        this.watch = new KernelWatch(attachment, counters);
        this.mapping = RingMapping.map(attachment.ringFd(), attachment.ringBytes());
        this.rounds = new Rounds(attachment.ringId(), mapping, spool, batching, host);
        this.poller = mapping.poller();
        this.earlier = spool.earlierCounts();
        this.counts = spool.kernelCounts();
    }

    private record Wanted(Config.Owner owner, Config.Batching batching) {}

    /** Says what is withheld of what is read from the ring from now on, and when its batches are closed; any thread may. */
    public void settings(Config.Owner owner, Config.Batching batching) {
        if (owner.captures()) {
            offSince = null;
        } else if (offSince == null) {
            offSince = Instant.now();
        }
        wanted = new Wanted(owner, batching);
        LockSupport.unpark(tender);
    }

    /** Sets the storm guard's limit, at once. */
    public void limit(int eventsPerSecond) throws BpfFault {
        attachment.limit(eventsPerSecond);
    }

    /** What the host's owner withholds. */
    public Config.Owner owner() {
        return wanted.owner();
    }

    /** Since when, in this run, nothing is captured, as the host's owner wants it; null if it is. */
    public @Nullable Instant offSince() {
        return offSince;
    }

    /** Payloads that were withheld whole, since the start. */
    public long withheldPayloads() {
        return rounds.withheldPayloads();
    }

    /**
     * Drains until {@link #stop()}. Then, if everything is pinned, what comes from now on waits in the ring for the next
     * loader; if not, detaches, drains what is left, and puts it on disk.
     */
    public void run() throws BpfFault {
        tender.start();
        while (!stopping) {
            turn();
        }
        LockSupport.unpark(tender);
        if (attachment.pinnedIn() == null) {
            finish();
        } else {
            drain();
            commit();
        }
    }

    /** Detaches, drains what is in the ring, and puts it on disk. */
    public void finish() throws BpfFault {
        stopping = true;
        attachment.detach();
        long deadline = System.nanoTime() + LAST_DRAIN_NANOS;
        do {
            drain();
            commit();
        } while (rounds.hasMore() && deadline - System.nanoTime() > 0);
        watch.atRest();
    }

    private void tend() {
        long failureLogged = 0;
        while (!stopping) {
            try {
                if (wanted.owner().captures()) {
                    attachment.resume();
                    attachment.tend();
                } else {
                    attachment.pause();
                }
            } catch (BpfFault e) {
                long now = System.nanoTime();
                if (failureLogged == 0 || now - failureLogged > FAILURE_SAID_NANOS) {
                    failureLogged = now;
                    LOG.log(
                            System.Logger.Level.ERROR,
                            "The functions cannot be attached to or let go of: " + e.getMessage()
                                    + ". It is tried on.");
                }
            }
            LockSupport.parkNanos(TEND_NANOS);
        }
    }

    /** Ends {@link #run()} soon. */
    public void stop() {
        stopping = true;
    }

    private void turn() throws BpfFault {
        boolean ready = true;
        if (rounds.isOpen()) {
            LockSupport.parkNanos(Math.min(pause, Math.max(0, rounds.nanosLeft())));
        } else {
            ready = poller.await(IDLE_MILLIS);
        }
        boolean any = drain();
        watch.lookIfDue();
        pause = any ? SHORTEST_PAUSE : Math.min(LONGEST_PAUSE, pause * 2);
        if (rounds.isOver()) {
            commit();
        } else if (!any && ready && !rounds.isOpen()) {
            LockSupport.parkNanos(SHORTEST_PAUSE); // The next record is busy: the kernel is writing it.
        } else if (!ready && System.nanoTime() - countsKept > COUNTS_KEPT_NANOS && hasNewCounts()) {
            commit();
        }
    }

    private boolean drain() {
        Wanted now = wanted;
        if (!now.equals(applied)) {
            rounds.settings(now.owner(), now.batching());
            applied = now;
        }
        boolean any = rounds.drain();
        lastDrain = System.nanoTime();
        return any;
    }

    private boolean hasNewCounts() throws BpfFault {
        return !earlier.plus(counters.read()).equals(counts);
    }

    /** Puts the round on disk, trying until it succeeds; while stopping, once more after a pause. */
    private void commit() throws BpfFault {
        KernelCounts ofRing = counters.read();
        KernelCounts now = earlier.plus(ofRing);
        HostLoss lost = new Balance(now, spool.settled()).hostLoss();
        boolean last = false;
        while (true) {
            try {
                spooled.accept(rounds.commit(ofRing, lost));
                counts = now;
                countsKept = System.nanoTime();
                return;
            } catch (SpoolFault e) {
                sayFailed(e);
                if (last) {
                    return;
                }
                last = stopping;
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private void sayFailed(SpoolFault fault) {
        long now = System.nanoTime();
        if (failureSaid == 0 || now - failureSaid > FAILURE_SAID_NANOS) {
            failureSaid = now;
            LOG.log(
                    System.Logger.Level.ERROR,
                    fault.getMessage() + ". Nothing is read from the ring until this can be written.");
        }
    }

    /** This boot's ledger, as it is now while the programs are loaded, as it was last after that. */
    public Balance balance() {
        // In this order: what is taken was captured before.
        var settled = spool.settled();
        try {
            return new Balance(earlier.plus(counters.read()), settled, watch.imbalance());
        } catch (BpfFault e) {
            return new Balance(counts, settled, watch.imbalance());
        }
    }

    /** How long ago the ring was looked at. */
    public Duration lastDrainAge() {
        return Duration.ofNanos(System.nanoTime() - lastDrain);
    }

    /** Records that came a second time, and were left out: 0, or a ring that was read twice. */
    public long doubles() {
        return rounds.doubles();
    }

    /** What the programs counted since they were loaded, each CPU by itself. */
    public CpuCounts countsByCpu() throws BpfFault {
        return counters.byCpu();
    }

    /** Where the kernel's sum fails: nowhere, or a defect. */
    public Collection<KernelSum.Imbalance> imbalances() {
        return watch.imbalances();
    }

    /** Captured events whose text of that kind was longer than what is captured, since the start. */
    public long truncated(Text text) {
        return rounds.truncated(text);
    }

    /** Name of the way in which the programs are attached. */
    public String mechanism() {
        return attachment.mechanism().label();
    }

    /** Whether the functions are in a module that is not loaded now; their calls are captured once it is. */
    public boolean isWaitingForModule() {
        return attachment.isWaitingForModule();
    }

    /** Where links and ring stay when the process ends; null if they do not. */
    public @Nullable Path pinnedIn() {
        return attachment.pinnedIn();
    }

    /** Only after {@link #run()} has returned: the mapping is gone afterwards. */
    @Override
    public void close() {
        stopping = true;
        rounds.close();
        mapping.close();
        attachment.close();
    }
}
