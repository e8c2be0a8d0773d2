package org.svos.telemetry.loader.spool;

import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.config.Config.SpoolBounds;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.ledger.LocalRefusal;
import org.svos.telemetry.loader.ledger.Settled;
import org.svos.telemetry.loader.ledger.Withheld;

/**
 * Batches that wait on disk, and the ledger, in one file: what becomes of a batch and what is counted of it are one
 * transaction. A call that changes something returns when the change is on disk. For many threads, one at a time.
 *
 * <p>The bodies take at most so many bytes. A round that would not fit evicts the oldest batches, which are counted; one
 * that is on its way to the gateway is left alone.
 */
public final class Spool implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Spool.class.getName());
    private static final int KEPT_IN_QUARANTINE = 100;

    private final Path file;
    private final String boot;
    private volatile SpoolBounds bounds;
    private final SpoolClock clock;
    private final Connection connection;
    private final SpoolRows rows;
    private final Evictions evictions = new Evictions();
    private final Joining joining = new Joining();
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Long> underWay = new HashSet<>();

    /**
     * The batch of each sandbox that may have come to the gateway, and must not change any more: one that did comes again under
     * the same key. A lane sends in its order, one at a time, and goes on only when the last one is settled on disk. So it is
     * the one that was handed out last, and of what an earlier run left, the first.
     */
    private final Map<SandboxId, Long> sent;

    // What the file holds, in memory; read again after a transaction that failed.
    private SpoolMeasure measure;
    private boolean stale;

    private Spool(
            Path file,
            String boot,
            SpoolBounds bounds,
            Connection connection,
            LongSupplier wallMillis,
            LongSupplier nanos)
            throws SQLException {
        this.file = file;
        this.boot = boot;
        this.bounds = bounds;
        this.connection = connection;
        this.clock = new SpoolClock(connection, wallMillis, nanos);
        this.rows = new SpoolRows(connection);
        rows.forgetOtherBoots(boot);
        this.measure = SpoolMeasure.read(connection, boot);
        this.sent = rows.first();
    }

    /** Keeps what waits within other bounds from now on. */
    public void bounds(SpoolBounds other) {
        bounds = other;
    }

    /**
     * Opens the spool in that file, making it if need be.
     *
     * @param boot which boot of the host this is
     * @param bounds of what waits
     */
    public static Spool open(Path file, String boot, SpoolBounds bounds) throws SpoolFault {
        return open(file, boot, bounds, System::currentTimeMillis, System::nanoTime);
    }

    static Spool open(Path file, String boot, SpoolBounds bounds, LongSupplier wallMillis, LongSupplier nanos)
            throws SpoolFault {
        Connection connection = SpoolFile.open(file);
        try {
            return new Spool(file, boot, bounds, connection, wallMillis, nanos);
        } catch (SQLException e) {
            throw new SpoolFault("reading the spool", file, e);
        }
    }

    /** What each sandbox's next event on this boot is numbered. */
    public Map<SandboxId, Long> nextSeqs() throws SpoolFault {
        return inTransaction("reading the sequence numbers", () -> rows.nextSeqs(boot));
    }

    /** What the kernel counted on this boot, as of the last commit. */
    public KernelCounts kernelCounts() throws SpoolFault {
        return inTransaction("reading the counts", () -> Tallies.readKernel(connection, boot));
    }

    /** Up to where this boot's last ring is in batches; null if there was none. */
    public @Nullable RingMark ring() throws SpoolFault {
        return inTransaction("reading the ring's position", () -> rows.ring(boot));
    }

    /** What the kernel counted on this boot before the ring that is read now. */
    public KernelCounts earlierCounts() throws SpoolFault {
        return inTransaction("reading the counts", () -> {
            RingMark mark = rows.ring(boot);
            return mark == null
                    ? Tallies.readKernel(connection, boot)
                    : Tallies.readKernel(connection, boot, mark.ring());
        });
    }

    /**
     * Another ring begins. What an earlier loader on this boot had captured and not read is gone with its ring, and is
     * counted, as far as the last commit knew of it.
     *
     * @return how many events those are
     */
    public long beginRing(long ring) throws SpoolFault {
        return inTransaction("beginning a ring", () -> {
            KernelCounts counts = Tallies.readKernel(connection, boot);
            rows.forgetHooks(boot);
            Tallies.writeKernel(connection, boot, Tallies.EARLIER_RINGS, counts);
            rows.ring(boot, new RingMark(ring, 0));
            long gone =
                    Math.max(0, counts.total().captured() - measure.settled().taken());
            count(boot, Tallies.TAKEN, gone);
            count(boot, Tallies.UNCLEAN_STOP, gone);
            return gone;
        });
    }

    /**
     * Puts a round on disk, with the kernel's counts of this ring so far.
     *
     * @param upTo where the round ends: a loader that finds the same ring goes on there
     */
    public void commit(Round round, KernelCounts kernel, RingMark upTo) throws SpoolFault {
        inTransaction("spooling", () -> {
            long incoming = round.batches().stream()
                    .mapToLong(batch -> batch.body().length)
                    .sum();
            evictTooOld();
            evict(
                    rows.oldest(measure.bodyBytes() + incoming - bounds.bytes(), underWay),
                    "is full (setting spool.maxSize)");
            for (NewBatch batch : round.batches()) {
                rows.insert(boot, batch, clock.millis());
                rows.nextSeq(boot, batch.sandbox(), batch.nextSeq());
                measure.batch(boot, batch.events(), batch.body().length);
            }
            count(boot, Tallies.TAKEN, round.taken());
            for (Map.Entry<LocalRefusal, Long> refused : round.refused().entrySet()) {
                count(boot, Tallies.REJECTED + refused.getKey().reason(), refused.getValue());
            }
            for (Map.Entry<Withheld, Long> withheld : round.withheld().entrySet()) {
                count(boot, Tallies.WITHHELD + withheld.getKey().reason(), withheld.getValue());
            }
            Tallies.writeKernel(connection, boot, upTo.ring(), kernel);
            rows.ring(boot, upTo);
            clock.keep(connection);
            return round;
        });
    }

    private void evictTooOld() throws SQLException {
        evict(
                rows.madeBefore(clock.millis() - bounds.age().toMillis(), underWay),
                "has events that nobody took in time (setting spool.maxAge)");
    }

    /** Deletes batches, counts their events, and says why. */
    private void evict(List<SpoolRows.Waiting> batches, String why) throws SQLException {
        for (SpoolRows.Waiting batch : batches) {
            rows.delete(batch.id());
            measure.batch(batch.boot(), -batch.events(), -batch.bodyBytes());
            count(batch.boot(), Tallies.EVICTED, batch.events());
        }
        if (!batches.isEmpty()) {
            rows.shrink();
            evictions.say(why, measure.settled().spoolEvicted());
        }
    }

    /** The sandboxes that have batches waiting. */
    public Set<SandboxId> waiting() throws SpoolFault {
        return inTransaction("reading the lanes", rows::sandboxes);
    }

    /** The sandbox's oldest batch, or null if none waits. It is under way from now until it is settled or left. */
    public @Nullable SpooledBatch next(SandboxId sandbox) throws SpoolFault {
        return next(sandbox, 1, 0);
    }

    /**
     * The same, together with what waits behind it, as one batch no larger than that, if none of it was sent yet. Where several
     * become one is on disk when this returns.
     */
    public @Nullable SpooledBatch next(SandboxId sandbox, int events, int bytes) throws SpoolFault {
        List<SpooledBatch> waiting = inTransaction("reading a batch", () -> {
            evictTooOld();
            List<SpooledBatch> found = rows.next(sandbox, events, bytes);
            if (found.isEmpty()) {
                sent.remove(sandbox);
            } else if (Long.valueOf(found.getFirst().id()).equals(sent.get(sandbox))) {
                found = found.subList(0, 1);
            }
            found.forEach(batch -> underWay.add(batch.id()));
            return found;
        });
        if (waiting.isEmpty()) {
            return null;
        }
        SpooledBatch next = waiting.size() == 1 ? waiting.getFirst() : joined(waiting);
        lock.lock();
        try {
            sent.put(sandbox, next.id());
        } finally {
            lock.unlock();
        }
        return next;
    }

    /** Makes one batch of several, in the first one's place; the work is done outside of the lock, which the drain waits for. */
    private SpooledBatch joined(List<SpooledBatch> batches) throws SpoolFault {
        SpooledBatch first = batches.getFirst();
        boolean done = false;
        try {
            Joining.Joined joined = joining.joined(batches);
            SpooledBatch one = joined.count() == 1 ? first : first.become(joined.part());
            if (joined.count() > 1) {
                inTransaction("joining batches", () -> {
                    rows.become(first.id(), joined.part());
                    measure.batch(first.boot(), 0, one.body().length - first.body().length);
                    for (SpooledBatch other : batches.subList(1, joined.count())) {
                        rows.delete(other.id());
                        measure.batch(other.boot(), 0, -other.body().length);
                    }
                    return one;
                });
            }
            done = true;
            return one;
        } catch (IOException | ZstdException e) {
            // Whatever is wrong with one of them, the gateway says of it alone.
            LOG.log(System.Logger.Level.WARNING, "Batches that wait cannot be joined: " + e.getMessage());
            done = true;
            return first;
        } finally {
            batches.subList(done ? 1 : 0, batches.size()).forEach(this::leave);
        }
    }

    /** The batch is not under way any more; it stays where it is. */
    public void leave(SpooledBatch batch) {
        lock.lock();
        try {
            underWay.remove(batch.id());
        } finally {
            lock.unlock();
        }
    }

    /** The gateway has the batch: so many events accepted, the others rejected, by reason. */
    public void accepted(SpooledBatch batch, long accepted, Map<String, Long> rejected) throws SpoolFault {
        settle("settling a batch", batch, () -> {
            count(batch.boot(), Tallies.ACCEPTED, accepted);
            for (Map.Entry<String, Long> reason : rejected.entrySet()) {
                count(batch.boot(), Tallies.REJECTED + reason.getKey(), reason.getValue());
            }
        });
    }

    /** The gateway will never take the batch: rejects its events and keeps it for people, with the answer. */
    public void quarantine(SpooledBatch batch, String reason, String answer) throws SpoolFault {
        settle("putting a batch into quarantine", batch, () -> {
            count(batch.boot(), Tallies.REJECTED + reason, batch.events());
            rows.quarantine(batch, answer, KEPT_IN_QUARANTINE);
        });
    }

    /** Puts the parts that a batch was cut into in its place. */
    public void replace(SpooledBatch batch, List<Part> parts) throws SpoolFault {
        settle("cutting a batch", batch, () -> {
            for (int i = 0; i < parts.size(); i++) {
                Part part = parts.get(i);
                rows.insertPart(batch.id(), Integer.toString(i), part);
                measure.batch(batch.boot(), part.events(), part.body().length);
            }
        });
    }

    private interface Settling {
        void run() throws SQLException;
    }

    private void settle(String doing, SpooledBatch batch, Settling work) throws SpoolFault {
        inTransaction(doing, () -> {
            work.run();
            rows.delete(batch.id());
            measure.batch(batch.boot(), -batch.events(), -batch.body().length);
            if (measure.bodyBytes() == 0) {
                rows.shrink();
            }
            return batch;
        });
        leave(batch);
    }

    private void count(String of, String item, long events) throws SQLException {
        Tallies.add(connection, of, item, events);
        measure.count(of, item, events);
    }

    /** What became of this boot's events, as of the last commit. */
    public Settled settled() {
        lock.lock();
        try {
            return measure.settled();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of compressed bodies. */
    public long bytes() {
        lock.lock();
        try {
            return measure.bodyBytes();
        } finally {
            lock.unlock();
        }
    }

    /** Events that wait, of this boot and earlier ones. */
    public long events() {
        lock.lock();
        try {
            return measure.events();
        } finally {
            lock.unlock();
        }
    }

    private interface Work<T extends @Nullable Object> {
        T run() throws SQLException;
    }

    private <T extends @Nullable Object> T inTransaction(String doing, Work<T> work) throws SpoolFault {
        lock.lock();
        try {
            if (stale) {
                measureAgain();
            }
            rows.begin();
            T result = work.run();
            rows.commit();
            return result;
        } catch (SQLException e) {
            rows.rollback();
            stale = true;
            try {
                measureAgain();
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            throw new SpoolFault(doing, file, e);
        } finally {
            lock.unlock();
        }
    }

    private void measureAgain() throws SQLException {
        measure = SpoolMeasure.read(connection, boot);
        stale = false;
    }

    @Override
    public void close() throws SpoolFault {
        lock.lock();
        try {
            connection.close();
        } catch (SQLException e) {
            throw new SpoolFault("closing the spool", file, e);
        } finally {
            lock.unlock();
        }
    }
}
