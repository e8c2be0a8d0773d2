package org.svos.telemetry.gateway.forward;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * Whole batches of one database on their way at once: those of one sandbox and host one after another, in their order, others
 * beside them, each sandbox and host on a virtual thread of its own. A batch is shaped once it may be delivered, so that the
 * records of those under way are in memory, and of no others. One whose batch is not delivered sends no more; after an answer that
 * concerns all of the database, nobody does.
 */
final class Senders {

    private static final Logger log = LoggerFactory.getLogger(Senders.class);

    private final Forwarding shared;
    private final Capacity.Share share;
    private final Database database;
    private final Function<Stream.Key, Stream> streams;
    private final long until;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final Map<Source, Sender> senders = new HashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private int sending;
    private boolean hasBegun;
    private boolean stopped;

    /**
     * Nothing yet.
     *
     * @param streams as the batches before have left them; asked by one thread at a time
     * @param until when no delivery begins any more but the first one, by {@link System#nanoTime}
     */
    Senders(
            Forwarding shared,
            Capacity.Share share,
            Database database,
            Function<Stream.Key, Stream> streams,
            long until) {
        this.shared = shared;
        this.share = share;
        this.database = database;
        this.streams = streams;
        this.until = until;
    }

    /** Whose events are to arrive in their order. */
    private record Source(String sandbox, String host) {}

    /** A batch on its way. What became of it is told once all have ended. */
    static final class Sent {
        private final SpooledBatch batch;
        private final Round.@Nullable Ahead known;
        private Carried outcome = new Carried.NotSent();

        private Sent(SpooledBatch batch, Round.@Nullable Ahead known) {
            this.batch = batch;
            this.known = known;
        }

        SpooledBatch batch() {
            return batch;
        }

        Carried outcome() {
            return outcome;
        }

        /** Whether no earlier round delivered it. */
        boolean isNew() {
            return known == null;
        }
    }

    /**
     * Sends a batch, as soon as those before it of the same source are delivered.
     *
     * @param known how an earlier round delivered it: then only its stream goes on; null: it did not
     */
    Sent send(SpooledBatch batch, Round.@Nullable Ahead known) {
        var sent = new Sent(batch, known);
        if (known != null) {
            sent.outcome = new Carried.Taken(known);
        }
        String host = known != null ? known.stream().host() : shared.shaper().host(batch);
        var source = new Source(batch.sandbox().value(), host);
        lock.lock();
        try {
            senders.computeIfAbsent(source, _ -> new Sender()).add(sent);
        } finally {
            lock.unlock();
        }
        return sent;
    }

    /** Whether more would be sent. */
    boolean goOn() {
        lock.lock();
        try {
            return !isOver();
        } finally {
            lock.unlock();
        }
    }

    private boolean isOver() {
        return stopped || (hasBegun && System.nanoTime() - until >= 0);
    }

    /** Waits for all that is under way. Interrupted, it breaks that off first. */
    void end() throws InterruptedException {
        lock.lock();
        try {
            while (sending > 0) {
                ended.await();
            }
        } catch (InterruptedException e) {
            stopped = true;
            threads.forEach(Thread::interrupt);
            while (sending > 0) {
                ended.awaitUninterruptibly();
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private boolean begin() {
        lock.lock();
        try {
            boolean may = !isOver();
            hasBegun |= may;
            return may;
        } finally {
            lock.unlock();
        }
    }

    private Stream stored(Stream.Key key) {
        lock.lock();
        try {
            return streams.apply(key);
        } finally {
            lock.unlock();
        }
    }

    /** Sends what is of one source. Its queue and its states are under the lock; its streams are its thread's alone. */
    private final class Sender implements Runnable {

        private final Queue<Sent> queue = new ArrayDeque<>();
        /** Streams of this source as its batches have left them, settled or not. */
        private final Map<Stream.Key, Stream> walked = new HashMap<>(2);

        private boolean isSending;
        private boolean isStuck;

        void add(Sent sent) {
            queue.add(sent);
            if (!isSending) {
                isSending = true;
                sending++;
                threads.add(Thread.ofVirtual().name("delivery").start(this));
            }
        }

        @Override
        public void run() {
            for (Sent next = next(); next != null; next = next()) {
                try {
                    carry(next);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    note(next, new Carried.Failed(e));
                } catch (RuntimeException | Error e) {
                    note(next, new Carried.Failed(e));
                }
            }
        }

        private @Nullable Sent next() {
            lock.lock();
            try {
                Sent next = isStuck || isOver() ? null : queue.poll();
                if (next == null) {
                    isSending = false;
                    sending--;
                    ended.signal();
                }
                return next;
            } finally {
                lock.unlock();
            }
        }

        private void carry(Sent sent) throws InterruptedException {
            if (sent.known != null) {
                walked.put(sent.known.stream(), sent.known.after());
                return;
            }
            try (var _ = shared.capacity().delivery(share)) {
                if (begin()) {
                    note(sent, carried(sent.batch));
                }
            }
        }

        private Carried carried(SpooledBatch batch) throws InterruptedException {
            if (shared.isExpired(database, batch)) {
                return switch (shared.shaper().walk(batch, this::stream)) {
                    case Shape.Unreadable unreadable -> unreadable(unreadable);
                    case Shape.Shaped shape -> {
                        walked.put(shape.stream(), shape.after());
                        yield new Carried.Expired(shape);
                    }
                };
            }
            return switch (shared.shaper().shape(batch, this::stream)) {
                case Shape.Unreadable unreadable -> unreadable(unreadable);
                case Shape.Shaped shape when !shape.wholeCuts().isEmpty() -> new Carried.ToCut(shape);
                case Shape.Shaped shape -> {
                    walked.put(shape.stream(), shape.after());
                    yield deliver(shape);
                }
            };
        }

        private Carried deliver(Shape.Shaped shape) throws InterruptedException {
            Receipt receipt = shared.deliver(shape.batch(), shape.part(database.name(), 0, shape.size()));
            return switch (receipt) {
                case Receipt.Delivered _ -> new Carried.Taken(Round.Ahead.of(shape, null));
                case Receipt.KeptInPart part -> new Carried.TakenInPart(shape, part);
                case Receipt.Refused refused -> new Carried.Refused(shape, refused);
                case Receipt.Retry _, Receipt.Parked _ -> new Carried.Halted(receipt);
            };
        }

        private Carried unreadable(Shape.Unreadable unreadable) {
            log.atError()
                    .addKeyValue("batch", unreadable.batch().key())
                    .log(
                            "A batch of sandbox {} for database {} cannot be read: {}; its events are dead letters",
                            unreadable.batch().sandbox(),
                            database.name(),
                            unreadable.detail());
            return new Carried.Unreadable(unreadable);
        }

        private Stream stream(Stream.Key key) {
            Stream left = walked.get(key);
            return left == null ? stored(key) : left;
        }

        private void note(Sent sent, Carried outcome) {
            lock.lock();
            try {
                sent.outcome = outcome;
                switch (outcome) {
                    case Carried.Taken _, Carried.TakenInPart _, Carried.Unreadable _, Carried.Expired _ -> {}
                    case Carried.Refused _, Carried.ToCut _ -> isStuck = true;
                    case Carried.Halted _, Carried.Failed _ -> stopped = true;
                    case Carried.NotSent _ -> {}
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
