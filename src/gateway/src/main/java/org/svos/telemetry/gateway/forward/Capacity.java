package org.svos.telemetry.gateway.forward;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Bounds what all lanes do and hold at once, and shares it among them by weight.
 *
 * <p>Two things are given out: turns, for a step of a lane, and deliveries, as many at once as Lantern Rock is found to take well.
 * Where there are fewer than are asked for, they go to the lane that has had the least of Lantern Rock's time for its weight:
 *
 * <pre>
 * had(lane) += time of a delivery / weight(lane)
 * had(lane)  = max(had(lane), had(the lane that was served last))    when it comes with nothing under way
 * </pre>
 *
 * So what a lane did not use is not saved up, and a lane that has little to deliver is served as soon as it comes, however much
 * waits in others (start-time fair queueing, with what a delivery usually takes charged at its begin and set right at its end).
 */
final class Capacity {

    private static final int UNIT_BYTES = 1024;
    /** Of what deliveries usually take, how much the last one counts for. */
    private static final double NEWEST = 1.0 / 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final LongSupplier nanos;
    private final int mostTurns;
    private final Queue<Asked> askedForTurns = new PriorityQueue<>(Asked.IN_TURN);
    private final Desk deliveries;
    private final Semaphore memory;
    private final int memoryUnits;
    /** What the lane had that was served last. */
    private double served;

    private double usualNanos;
    private int turnsGiven;
    private long turnsAsked;

    /**
     * A capacity.
     *
     * @param turns lanes at work at once
     * @param deliveries at once to begin with
     * @param memoryBytes of decompressed bodies at once; a body of more has all of it to itself
     * @param nanos the time
     */
    Capacity(int turns, int deliveries, long memoryBytes, LongSupplier nanos) {
        this.mostTurns = turns;
        this.deliveries = new Desk(deliveries);
        this.memoryUnits = Math.clamp(memoryBytes / UNIT_BYTES, 1, Integer.MAX_VALUE);
        this.memory = new Semaphore(memoryUnits, true);
        this.nanos = nanos;
    }

    /** Gives back what was taken. */
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /** What one lane has had. Its fields are under the lock. */
    static final class Share {
        private double weight = 1;
        private double had;
        /** Turns and deliveries that it has or waits for. */
        private int present;
    }

    /** What is done with a turn. */
    interface Beginning {
        /**
         * Begins a step on another thread, which gives the turn back; must not block.
         *
         * @return whether there is one to begin; if not, the turn goes to the next
         */
        boolean begin(Hold turn);
    }

    /** A lane that waits for a turn. It has no thread meanwhile, and what it had does not change. */
    private record Asked(Share share, double had, long number, Beginning beginning) {
        static final Comparator<Asked> IN_TURN =
                Comparator.comparingDouble(Asked::had).thenComparingLong(Asked::number);
    }

    /** Deliveries, and who waits for one in the order of coming. */
    private static final class Desk {
        private final List<Waiter> waiting = new ArrayList<>();
        private int most;
        private int given;

        Desk(int most) {
            this.most = most;
        }
    }

    private static final class Waiter {
        private final Share share;
        private final Condition called;
        private boolean served;

        Waiter(Share share, Condition called) {
            this.share = share;
            this.called = called;
        }
    }

    /** Asks for a step's turn, for a lane of that weight that has nothing under way. Does not wait for it. */
    void turn(Share share, double weight, Beginning beginning) {
        lock.lock();
        try {
            share.weight = weight;
            arrives(share);
            askedForTurns.add(new Asked(share, share.had, turnsAsked++, beginning));
            giveTurns();
        } finally {
            lock.unlock();
        }
    }

    private void giveTurns() {
        while (turnsGiven < mostTurns && !askedForTurns.isEmpty()) {
            Asked next = askedForTurns.remove();
            turnsGiven++;
            if (!next.beginning().begin(() -> giveTurnBack(next.share()))) {
                turnsGiven--;
                next.share().present--;
            }
        }
    }

    private void giveTurnBack(Share share) {
        lock.lock();
        try {
            share.present--;
            turnsGiven--;
            giveTurns();
        } finally {
            lock.unlock();
        }
    }

    private void arrives(Share share) {
        if (share.present++ == 0) {
            share.had = Math.max(share.had, served);
        }
    }

    /** A delivery's, for a lane that has a turn. */
    Hold delivery(Share share) throws InterruptedException {
        double charged = take(share);
        long began = nanos.getAsLong();
        return () -> {
            lock.lock();
            try {
                double took = nanos.getAsLong() - began;
                usualNanos += (took - usualNanos) * NEWEST;
                giveBack(share, took - charged);
            } finally {
                lock.unlock();
            }
        };
    }

    /** How many wait for a delivery. */
    int waiting() {
        lock.lock();
        try {
            return deliveries.waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** How many wait for memory. */
    int waitingForMemory() {
        return memory.getQueueLength();
    }

    /** From now on so many deliveries at once. */
    void deliveries(int most) {
        lock.lock();
        try {
            deliveries.most = most;
            serve();
        } finally {
            lock.unlock();
        }
    }

    /** What was charged for it. */
    private double take(Share share) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            arrives(share);
            Waiter waiter = new Waiter(share, lock.newCondition());
            deliveries.waiting.add(waiter);
            serve();
            try {
                while (!waiter.served) {
                    waiter.called.await();
                }
            } catch (InterruptedException e) {
                if (waiter.served) {
                    giveBack(share, 0);
                } else {
                    deliveries.waiting.remove(waiter);
                    share.present--;
                }
                throw e;
            }
            return usualNanos;
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Share share, double more) {
        lock.lock();
        try {
            share.had += more / share.weight;
            share.present--;
            deliveries.given--;
            serve();
        } finally {
            lock.unlock();
        }
    }

    private void serve() {
        while (deliveries.given < deliveries.most && !deliveries.waiting.isEmpty()) {
            Waiter next = next();
            next.served = true;
            deliveries.given++;
            served = Math.max(served, next.share.had);
            next.share.had += usualNanos / next.share.weight;
            next.called.signal();
        }
    }

    /** Looked for among all, as what lanes had changes while they wait; these are no more than lanes at work have senders. */
    private Waiter next() {
        int least = 0;
        for (int i = 1; i < deliveries.waiting.size(); i++) {
            if (deliveries.waiting.get(i).share.had < deliveries.waiting.get(least).share.had) {
                least = i;
            }
        }
        return deliveries.waiting.remove(least);
    }

    /** Memory that one lane holds. */
    final class Memory implements Hold {
        private int units;

        /** Waits for it. Only for a lane that holds none: what it has another may wait for, while it waits for the other's. */
        void take(long bytes) throws InterruptedException {
            int more = units(bytes);
            memory.acquire(more);
            units += more;
        }

        /** Takes it if it is there. */
        boolean tryToTake(long bytes) {
            int more = units(bytes);
            boolean isThere = memory.tryAcquire(more);
            units += isThere ? more : 0;
            return isThere;
        }

        @Override
        public void close() {
            memory.release(units);
            units = 0;
        }
    }

    /** None yet. */
    Memory memory() {
        return new Memory();
    }

    private int units(long bytes) {
        return Math.clamp(bytes / UNIT_BYTES + 1, 1, memoryUnits);
    }
}
