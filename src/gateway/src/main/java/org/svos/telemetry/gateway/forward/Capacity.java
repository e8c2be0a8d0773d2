package org.svos.telemetry.gateway.forward;

import java.util.ArrayList;
import java.util.List;
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
    private final Desk turns;
    private final Desk deliveries;
    private final Semaphore memory;
    private final int memoryUnits;
    /** What the lane had that was served last. */
    private double served;

    private double usualNanos;

    /**
     * A capacity.
     *
     * @param turns lanes at work at once
     * @param deliveries at once to begin with
     * @param memoryBytes of decompressed bodies at once; a body of more has all of it to itself
     * @param nanos the time
     */
    Capacity(int turns, int deliveries, long memoryBytes, LongSupplier nanos) {
        this.turns = new Desk(turns);
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

    /** What is given out, and who waits for it in the order of coming. */
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

    /** A step's turn, for a lane of that weight. */
    Hold turn(Share share, double weight) throws InterruptedException {
        take(turns, share, weight);
        return () -> giveBack(turns, share, 0);
    }

    /** A delivery's, for a lane that has a turn. */
    Hold delivery(Share share) throws InterruptedException {
        double charged = take(deliveries, share, 0);
        long began = nanos.getAsLong();
        return () -> {
            lock.lock();
            try {
                double took = nanos.getAsLong() - began;
                usualNanos += (took - usualNanos) * NEWEST;
                giveBack(deliveries, share, took - charged);
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
            serve(deliveries);
        } finally {
            lock.unlock();
        }
    }

    /** What was charged for it. */
    private double take(Desk desk, Share share, double weight) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (weight > 0) {
                share.weight = weight;
            }
            if (share.present++ == 0) {
                share.had = Math.max(share.had, served);
            }
            Waiter waiter = new Waiter(share, lock.newCondition());
            desk.waiting.add(waiter);
            serve(desk);
            try {
                while (!waiter.served) {
                    waiter.called.await();
                }
            } catch (InterruptedException e) {
                if (waiter.served) {
                    giveBack(desk, share, 0);
                } else {
                    desk.waiting.remove(waiter);
                    share.present--;
                }
                throw e;
            }
            return usualNanos;
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Desk desk, Share share, double more) {
        lock.lock();
        try {
            share.had += more / share.weight;
            share.present--;
            desk.given--;
            serve(desk);
        } finally {
            lock.unlock();
        }
    }

    private void serve(Desk desk) {
        while (desk.given < desk.most && !desk.waiting.isEmpty()) {
            Waiter next = next(desk);
            next.served = true;
            desk.given++;
            if (desk == deliveries) {
                served = Math.max(served, next.share.had);
                next.share.had += usualNanos / next.share.weight;
            }
            next.called.signal();
        }
    }

    /** Looked for among all, as what lanes had changes while they wait; it is a microsecond for a thousand of them. */
    private static Waiter next(Desk desk) {
        int least = 0;
        for (int i = 1; i < desk.waiting.size(); i++) {
            if (desk.waiting.get(i).share.had < desk.waiting.get(least).share.had) {
                least = i;
            }
        }
        return desk.waiting.remove(least);
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
