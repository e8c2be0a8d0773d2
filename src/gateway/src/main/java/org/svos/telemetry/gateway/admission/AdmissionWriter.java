package org.svos.telemetry.gateway.admission;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.admission.Outcome.Unavailable.Cause;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.quota.Quotas;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Deciding;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreException;
import org.svos.telemetry.gateway.store.StoreFullException;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

/**
 * The one thread that decides. It takes whatever waits, decides on it as one commit, and answers once that is on disk:
 * while one group is being synced the next one gathers, so the slower the disk and the more clients, the larger the groups.
 *
 * <p>A platform thread, because it spends its time in native code.
 */
final class AdmissionWriter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AdmissionWriter.class);

    private static final long IDLE_MILLIS = 100;
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long GATHER_STEP_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long GROUP_BYTES = 4 << 20;
    /** What a batch takes beside its body, and a commit beside its batches, in tables, indexes and log, generously. */
    private static final long BATCH_BYTES = 4 << 10;

    private static final long COMMIT_BYTES = 64 << 10;

    private static final long ROOM_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Store store;
    private final Quotas quotas;
    private final Spool spool;
    private final Ledger ledger;
    private final AdmittedKeys keys;
    private final Streams streams;
    private final Registrations registrations;
    private final Hosts hosts;
    private final AdmissionMeters meters;
    private final AdmissionSettings settings;
    private final BlockingQueue<Pending> queue;
    private final AtomicLong queuedBytes = new AtomicLong();
    private final Thread thread;
    private volatile DecisionWatch watch = DecisionWatch.NOBODY;
    private volatile boolean closing;
    private volatile boolean ended;
    /** Batches that may be here soon: those of the last group's clients, and those that came while it was committed. */
    private int expected = 1;

    private boolean failing;
    private boolean room = true;
    private long roomLeft;
    private long roomCheckedAt;

    AdmissionWriter(
            Store store,
            Quotas quotas,
            Spool spool,
            Ledger ledger,
            Registrations registrations,
            MeterRegistry registry,
            AdmissionMeters meters,
            AdmissionSettings settings) {
        this.store = store;
        this.quotas = quotas;
        this.spool = spool;
        this.ledger = ledger;
        this.meters = meters;
        this.settings = settings;
        this.registrations = registrations;
        keys = new AdmittedKeys(store, settings.keyMemory().toMillis());
        streams = new Streams(store);
        hosts = new Hosts(store, registry);
        queue = new ArrayBlockingQueue<>(settings.queueBatches());
        roomCheckedAt = System.nanoTime() - ROOM_CHECK_NANOS;
        thread = Thread.ofPlatform().name("admission").start(this::run);
    }

    void watchedBy(DecisionWatch onlooker) {
        watch = onlooker;
    }

    /** Lets a batch wait for its decision; not if too many wait, or if this has ended. */
    boolean offer(Pending pending) {
        int length = pending.batch().body().length;
        if (queuedBytes.addAndGet(length) > settings.queueBytes().toBytes() && queuedBytes.get() > length) {
            queuedBytes.addAndGet(-length);
            return false;
        }
        if (!queue.offer(pending)) {
            queuedBytes.addAndGet(-length);
            return false;
        }
        // The thread ends only after it has said so and then looked once more: one of the two sees the other.
        return !ended || !pending.claim();
    }

    /** Gives the place of a batch that was given up to another. */
    void withdraw(Pending pending) {
        if (queue.remove(pending)) {
            queuedBytes.addAndGet(-pending.batch().body().length);
        }
    }

    private void run() {
        List<Pending> group = new ArrayList<>();
        while (!closing || !queue.isEmpty()) {
            try {
                gather(group);
                if (!group.isEmpty()) {
                    decide(group);
                    expected = group.size() + queue.size();
                }
            } catch (InterruptedException e) {
                closing = true;
            }
            group.clear();
        }
        ended = true;
        for (Pending late = queue.poll(); late != null; late = queue.poll()) {
            if (late.claim()) {
                late.answer(new Outcome.Unavailable(Cause.DRAINING));
            }
        }
    }

    /**
     * Takes what waits. A commit costs the same for one batch and for fifty, and who was answered last will be back soon: where
     * there were several, they are waited for, for a moment. A client that is alone is never kept waiting.
     */
    private void gather(List<Pending> group) throws InterruptedException {
        Pending next = queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
        if (next == null) {
            expected = 1;
            return;
        }
        long bytes = take(next, group);
        long deadline = System.nanoTime() + GATHER_NANOS;
        while (!isFull(group, bytes)) {
            next = queue.poll();
            if (next != null) {
                bytes += take(next, group);
            } else if (group.size() < expected && !closing && System.nanoTime() < deadline) {
                // Not in the queue's own wait, from which each that comes would wake this thread.
                LockSupport.parkNanos(this, GATHER_STEP_NANOS);
            } else {
                return;
            }
        }
    }

    private long take(Pending next, List<Pending> group) {
        int length = next.batch().body().length;
        queuedBytes.addAndGet(-length);
        if (!next.claim()) {
            return 0;
        }
        group.add(next);
        return length;
    }

    private boolean isFull(List<Pending> group, long bytes) {
        return group.size() == settings.groupBatches() || bytes > GROUP_BYTES;
    }

    private void decide(List<Pending> group) {
        if (!hasRoom(group)) {
            group.forEach(pending -> pending.answer(new Outcome.SpoolFull()));
            return;
        }
        try {
            List<Outcome> outcomes = commit(group);
            if (failing) {
                failing = false;
                log.info("The store is back: batches are taken again");
            }
            show(group, outcomes);
            for (int i = 0; i < group.size(); i++) {
                group.get(i).answer(outcomes.get(i));
            }
        } catch (StoreException e) {
            failed(group, e);
        } catch (RuntimeException | Error e) {
            broken(group, e);
        }
    }

    /** Tells the onlooker, if there is one. While there is none it costs a read and a call for each group, not for each batch. */
    private void show(List<Pending> group, List<Outcome> outcomes) {
        DecisionWatch onlooker = watch;
        if (!onlooker.isWatching()) {
            return;
        }
        try {
            for (int i = 0; i < group.size(); i++) {
                onlooker.decided(group.get(i).batch(), outcomes.get(i));
            }
        } catch (RuntimeException e) {
            // What was decided is durable: nothing here may undo it.
            log.error("A defect: decisions could not be shown", e);
        }
    }

    private List<Outcome> commit(List<Pending> batches) {
        Set<Long> databaseIds = new HashSet<>();
        batches.forEach(pending -> databaseIds.add(pending.batch().database().id()));
        return store.decide(databaseIds, deciding -> {
            Group group = new Group(deciding.changes(), circumstances(deciding, batches, databaseIds), meters);
            List<Outcome> outcomes = new ArrayList<>(batches.size());
            for (Pending pending : batches) {
                outcomes.add(group.decide(pending.batch()));
            }
            group.write(deciding, spool, keys, quotas, ledger, streams, hosts);
            return outcomes;
        });
    }

    private Circumstances circumstances(Deciding deciding, List<Pending> batches, Set<Long> databaseIds) {
        if (!store.isShared()) {
            return new KnownCircumstances(
                    registrations, keys, quotas, deciding.changes().now());
        }
        List<Batch> all = batches.stream().map(Pending::batch).toList();
        return deciding.read(tx -> SharedCircumstances.read(tx, all, databaseIds, registrations, keys));
    }

    private void failed(List<Pending> group, StoreException e) {
        if (!failing) {
            failing = true;
            log.error("Batches are refused until the store is back: {}", e.getMessage());
        }
        Outcome answer = switch (e) {
            case StoreFullException full -> new Outcome.SpoolFull();
            case StoreUnavailableException unavailable -> new Outcome.Unavailable(Cause.STORE);
        };
        group.forEach(pending -> pending.answer(answer));
    }

    /** A defect met one of the batches: each is tried by itself, so that it is alone with it. */
    private void broken(List<Pending> group, Throwable e) {
        if (group.size() > 1) {
            group.forEach(pending -> decide(List.of(pending)));
            return;
        }
        Pending pending = group.getFirst();
        log.atError()
                .addKeyValue("batch", pending.batch().key())
                .setCause(e)
                .log(
                        "A defect: a batch for database {} could not be decided on",
                        pending.batch().database().name());
        pending.answer(new Outcome.Unavailable(Cause.STORE));
    }

    /**
     * Whether the disk has more room than the reserve. It is asked now and then, as asking is a system call, and sooner if what
     * was written since may have used it up.
     */
    private boolean hasRoom(List<Pending> group) {
        long now = System.nanoTime();
        long reserve = settings.reserve().toBytes();
        roomLeft -= COMMIT_BYTES;
        for (Pending pending : group) {
            roomLeft -= pending.batch().body().length + BATCH_BYTES;
        }
        if (now - roomCheckedAt >= ROOM_CHECK_NANOS || roomLeft < reserve) {
            roomCheckedAt = now;
            roomLeft = store.usableBytes();
        }
        boolean before = room;
        room = roomLeft >= reserve;
        if (before && !room) {
            log.error(
                    "Batches are refused: the store's disk has {} bytes left, less than telemetry.admission.reserve",
                    roomLeft);
        } else if (!before && room) {
            log.info("The store's disk has room again: batches are taken");
        }
        return room;
    }

    boolean forgetExpiredKeys(int count) {
        return store.write(tx -> keys.forgetExpired(tx, count));
    }

    @Override
    public void close() {
        closing = true;
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
