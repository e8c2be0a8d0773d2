package org.svos.telemetry.gateway.forward;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * Whole batches of one database on their way at once: those of one sandbox and host one after another, in their order, others
 * beside them, each sandbox and host on a virtual thread of its own. One whose batch is not delivered sends no more; after an
 * answer that concerns all of the database, nobody does.
 */
final class Senders {

    private final Forwarding shared;
    private final Capacity.Share share;
    private final String database;
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
     * @param until when no delivery begins any more but the first one, by {@link System#nanoTime}
     */
    Senders(Forwarding shared, Capacity.Share share, String database, long until) {
        this.shared = shared;
        this.share = share;
        this.database = database;
        this.until = until;
    }

    /** Whose events are to arrive in their order. */
    private record Source(String sandbox, String host) {}

    /** A batch on its way. What became of it is told once all have ended: an answer, a fault, or neither if it was not sent. */
    static final class Sent {
        private final Shape.Shaped shape;
        private @Nullable Receipt receipt;
        private @Nullable Throwable fault;

        private Sent(Shape.Shaped shape) {
            this.shape = shape;
        }

        Shape.Shaped shape() {
            return shape;
        }

        @Nullable
        Receipt receipt() {
            return receipt;
        }

        @Nullable
        Throwable fault() {
            return fault;
        }
    }

    /** Sends a batch, as soon as those before it of the same source are delivered. */
    Sent send(Shape.Shaped shape) {
        var sent = new Sent(shape);
        var source = new Source(shape.stream().sandbox(), shape.stream().host());
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

    /** Sends what is of one source. Its fields are under the lock. */
    private final class Sender implements Runnable {

        private final Queue<Sent> queue = new ArrayDeque<>();
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
                    deliver(next);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    stop(next, e);
                } catch (RuntimeException | Error e) {
                    stop(next, e);
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

        private void deliver(Sent sent) throws InterruptedException {
            Shape.Shaped shape = sent.shape;
            Delivery delivery = shape.part(database, 0, shape.size());
            try (var _ = shared.capacity().delivery(share)) {
                if (begin()) {
                    note(sent, shared.deliver(shape.batch(), delivery));
                }
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

        private void note(Sent sent, Receipt receipt) {
            lock.lock();
            try {
                sent.receipt = receipt;
                switch (receipt) {
                    case Receipt.Delivered _, Receipt.KeptInPart _ -> {}
                    case Receipt.Refused _ -> isStuck = true;
                    case Receipt.Retry _, Receipt.Parked _ -> stopped = true;
                }
            } finally {
                lock.unlock();
            }
        }

        private void stop(Sent sent, Throwable fault) {
            lock.lock();
            try {
                sent.fault = fault;
                stopped = true;
            } finally {
                lock.unlock();
            }
        }
    }
}
