package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Commits work that waits at the same time in one transaction, with one sync to disk: a hundred lanes that move their cursors
 * cost one sync and not a hundred, and admission does not wait behind each of them.
 *
 * <p>Whoever brings work puts it in the queue, and then either takes the lock and does what is queued, its own and others', or
 * waits until another has done it. Who gives up the lock wakes the first that was queued meanwhile. Work that fails takes
 * nobody along: the transaction is rolled back, and each that was in it is done again by itself.
 */
final class Writer {

    /** Changes of the journal's commits that one transaction does: few enough that nobody waits long behind them. */
    static final long CHANGES = 5_000;

    private static final int GROUP = 64;

    private final SqliteFile file;
    private final Connector connector;
    private final InstantSource clock;
    private final Platform platform;
    private final CatchUp catchUp;
    private final Queue<Request<?>> queue = new ConcurrentLinkedQueue<>();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;
    /** A sync may have failed since the last one that is known to have succeeded. */
    private boolean doubtful;
    /** Whether anything was committed since the last checkpoint. */
    private volatile boolean written;

    Writer(SqliteFile file, Connector connector, InstantSource clock, Platform platform, CatchUp catchUp) {
        this.file = file;
        this.connector = connector;
        this.clock = clock;
        this.platform = platform;
        this.catchUp = catchUp;
    }

    /** Work in the queue, and then what came of it. */
    private static final class Request<T extends @Nullable Object> {

        private final Work<T> work;
        private final boolean synced;
        private final Thread waiter = Thread.currentThread();
        private @Nullable T result;
        private @Nullable Throwable failure;
        private volatile boolean done;

        Request(Work<T> work, boolean synced) {
            this.work = work;
            this.synced = synced;
        }

        void run(Tx tx) throws SQLException {
            result = work.in(tx);
        }

        void finish(@Nullable Throwable cause) {
            failure = cause;
            done = true;
            LockSupport.unpark(waiter);
        }

        @SuppressWarnings("NullAway") // the result is what the work returned, null if its type says so
        T result() {
            return switch (failure) {
                case null -> result;
                case RuntimeException fault -> throw fault;
                case Error error -> throw error;
                case Throwable other -> throw new IllegalStateException(other);
            };
        }
    }

    <T extends @Nullable Object> T write(Work<T> work, boolean synced) {
        if (lock.isHeldByCurrentThread() || platform.isCurrent()) {
            throw new IllegalStateException("a transaction inside a transaction");
        }
        Request<T> request = new Request<>(work, synced);
        queue.add(request);
        boolean interrupted = false;
        while (!request.done) {
            if (lock.tryLock()) {
                try {
                    platform.run(this::commitQueued);
                } finally {
                    lock.unlock();
                    wakeNext();
                }
            } else {
                LockSupport.park(this);
                // Queued work is done whether its thread is interrupted or not; to leave now would be not to know how.
                interrupted |= Thread.interrupted();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return request.result();
    }

    private void wakeNext() {
        Request<?> next = queue.peek();
        if (next != null) {
            LockSupport.unpark(next.waiter);
        }
    }

    private void commitQueued() {
        List<Request<?>> group = new ArrayList<>();
        for (Request<?> request = queue.poll(); request != null; request = queue.poll()) {
            group.add(request);
            if (group.size() == GROUP) {
                break;
            }
        }
        if (!group.isEmpty()) {
            commit(group);
        }
    }

    private void commit(List<Request<?>> group) {
        Tx tx = null;
        try {
            checkOpen();
            tx = ready();
            tx.sync(group.stream().anyMatch(request -> request.synced));
            while (catchUp.changes() > CHANGES) {
                tx.begin(SqliteFile.begin(false), clock.millis());
                catchUp.apply(tx, CHANGES);
                tx.commit();
                tx.committed();
            }
            tx.begin(SqliteFile.begin(false), clock.millis());
            catchUp.apply(tx, Long.MAX_VALUE);
            for (Request<?> request : group) {
                request.run(tx);
            }
            tx.commit();
        } catch (SQLException e) {
            failed(group, doubt(connector.failed(tx, e)));
            return;
        } catch (RuntimeException | Error e) {
            connector.abandon(tx);
            failed(group, e);
            return;
        }
        written = true;
        tx.committed();
        group.forEach(request -> request.finish(null));
    }

    private void checkOpen() {
        if (closed) {
            throw new StoreUnavailableException("The store is closed", null);
        }
    }

    private Tx ready() throws SQLException {
        if (doubtful) {
            try {
                file.syncAgain();
            } catch (IOException e) {
                throw Connector.failed(file.path(), e);
            }
            doubtful = false;
        }
        return connector.tx();
    }

    private RuntimeException doubt(RuntimeException failure) {
        doubtful |= failure instanceof StoreException;
        return failure;
    }

    /**
     * Brings to the disk what was committed without a sync. Work that is written synced does not, if it changes nothing: the
     * engine's commit then writes nothing and syncs nothing.
     *
     * @throws StoreUnavailableException if it does not get there
     */
    void sync(Disk disk) {
        platform.run(() -> {
            lock.lock();
            try {
                checkOpen();
                ready();
                file.sync(disk);
            } catch (SQLException e) {
                throw doubt(connector.failed(null, e));
            } catch (IOException e) {
                throw doubt(Connector.failed(file.path(), e));
            } finally {
                lock.unlock();
                wakeNext();
            }
        });
    }

    /** Whether there is anything to write back. */
    boolean hasWritten() {
        return written;
    }

    /** Writes back to the file what its log has, so that the log stays short. */
    void checkpoint() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            try {
                written = false;
                SqliteFile.checkpoint(ready());
            } catch (SQLException e) {
                throw doubt(connector.failed(null, e));
            }
        } finally {
            lock.unlock();
            wakeNext();
        }
    }

    private void failed(List<Request<?>> group, Throwable failure) {
        boolean nobodyCanWrite = failure instanceof StoreUnavailableException || failure instanceof Error;
        if (group.size() == 1 || nobodyCanWrite) {
            group.forEach(request -> request.finish(failure));
        } else {
            group.forEach(request -> commit(List.of(request)));
        }
    }

    /** Lets the transaction that runs come to its end; what comes after it fails. */
    void close() {
        lock.lock();
        try {
            closed = true;
            connector.close();
        } finally {
            lock.unlock();
            wakeNext();
        }
    }
}
