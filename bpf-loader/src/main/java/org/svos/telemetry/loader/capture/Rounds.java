package org.svos.telemetry.loader.capture;

import java.time.Instant;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.batch.Batches;
import org.svos.telemetry.loader.bpf.BootClock;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.record.Text;
import org.svos.telemetry.loader.record.WallClock;
import org.svos.telemetry.loader.ring.RingMapping;
import org.svos.telemetry.loader.ring.RingReader;
import org.svos.telemetry.loader.spool.NewBatch;
import org.svos.telemetry.loader.spool.RingMark;
import org.svos.telemetry.loader.spool.Round;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.spool.SpoolFault;

/**
 * From the ring to the disk, a round at a time. A round begins with the first record after a commit. It ends when it is as
 * old as an event may wait, when it holds a quarter of the ring, or when its bodies are large enough; then all of it goes to
 * the spool in one transaction, and only then is the ring given back to the kernel. For one thread, but for what is asked
 * for reports.
 */
public final class Rounds implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Rounds.class.getName());

    private static final int RECORDS_AT_ONCE = 256;
    private static final long ROUND_BYTES = 4L * 1024 * 1024;

    private final long ring;
    private final RingReader reader;
    private final WallClock wallClock = new WallClock();
    private final BootClock bootClock = new BootClock();
    private final Batches batches;
    private final Spool spool;
    private final long roundRingBytes;

    private long maxAgeNanos;
    private long began;
    private long givenUp;

    /**
     * Rounds of a ring, going on behind what the spool has of it.
     *
     * @param ring the kernel's number of it
     * @param mapping to be closed after this
     */
    public Rounds(long ring, RingMapping mapping, Spool spool, Config.Batching batching, Host host) throws SpoolFault {
        this.ring = ring;
        this.spool = spool;
        RingMark mark = spool.ring();
        this.reader = mark != null && mark.ring() == ring
                ? new RingReader(mapping, mark.position())
                : new RingReader(mapping);
        this.roundRingBytes = mapping.dataBytes() / 4;
        this.maxAgeNanos = batching.maxAge().toNanos();
        this.batches = new Batches(host, batching.maxEvents(), batching.maxBytes(), wallClock);
        spool.nextSeqs().forEach(batches::resume);
    }

    /** Says what the host's owner withholds of what is read from now on, and when its batches are closed. */
    public void settings(Config.Owner owner, Config.Batching batching) {
        batches.owner(owner);
        batches.limits(batching.maxEvents(), batching.maxBytes());
        maxAgeNanos = batching.maxAge().toNanos();
    }

    /** Reads what is there, up to the end of a round; whether there was anything. */
    public boolean drain() {
        long before = bootClock.nanos();
        Instant wall = Instant.now();
        long after = bootClock.nanos();
        wallClock.reading(before, TimeUnit.SECONDS.toNanos(wall.getEpochSecond()) + wall.getNano(), after);
        if (!isOpen()) {
            began = System.nanoTime();
        }
        boolean any = false;
        while (!isFull() && reader.read(batches, RECORDS_AT_ONCE) > 0) {
            any = true;
        }
        if (reader.givenUp() != givenUp) {
            givenUp = reader.givenUp();
            LOG.log(System.Logger.Level.ERROR, "The ring's memory made no sense: " + givenUp + " bytes were given up.");
        }
        return any;
    }

    /** Whether something was read that is not on disk. */
    boolean isOpen() {
        return reader.unreleased() != 0;
    }

    private boolean isFull() {
        return reader.unreleased() >= roundRingBytes || batches.bytes() >= ROUND_BYTES;
    }

    /** Whether the round is to be committed now. */
    public boolean isOver() {
        return isOpen() && (isFull() || nanosLeft() <= 0);
    }

    /** For how long the round that is open may go on. */
    long nanosLeft() {
        return began + maxAgeNanos - System.nanoTime();
    }

    /** Whether the ring has more than was read, be it busy still. */
    public boolean hasMore() {
        return reader.hasMore();
    }

    /**
     * Ends the round: returns when it is on disk and the ring is given back. After a fault the round is as it was.
     *
     * @param ofRing what the kernel has counted for this ring
     * @param lost what the host has lost since its boot, for the gateway
     * @return whose batches are new
     */
    public Collection<SandboxId> commit(KernelCounts ofRing, HostLoss lost) throws SpoolFault {
        batches.lost(lost);
        Round round = batches.round();
        spool.commit(round, ofRing, new RingMark(ring, reader.position()));
        reader.release();
        batches.committed();
        return round.batches().stream().map(NewBatch::sandbox).distinct().toList();
    }

    /** Records that came a second time, and were left out; any thread may ask. */
    long doubles() {
        return batches.doubles();
    }

    /** Captured events whose text of that kind was longer than what is captured; any thread may ask. */
    long truncated(Text text) {
        return batches.truncated(text);
    }

    /** Payloads that were withheld whole; any thread may ask. */
    long withheldPayloads() {
        return batches.withheldPayloads();
    }

    @Override
    public void close() {
        batches.close();
    }
}
