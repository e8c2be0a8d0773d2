package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one file that holds everything the gateway must not forget: registry, quotas, keys, spool, ledger. One transaction
 * writes at a time, and is on disk (WAL, synchronous=FULL) before {@link #write} returns; reads run beside it, each on a
 * snapshot of its own. Of two processes, one has the file.
 *
 * <pre>
 * data/telemetry.db        the file
 * data/telemetry.db-wal    commits not yet written back to it
 * data/telemetry.db-shm    the index of those
 * data/telemetry.db.lock   held while a process has the store open
 * </pre>
 */
public final class Store implements AutoCloseable {

    private static final int READERS = 4;
    private static final long READER_WAIT_SECONDS = 5;

    private final Dialect dialect;
    private final Path file;
    private final InstantSource clock;
    private final StoreLock lock;
    private final BlockingQueue<Connector> readers = new LinkedBlockingQueue<>();
    private final Platform platform = new Platform();
    private final Writer writer;
    private volatile boolean closed;

    private Store(Dialect dialect, Path file, InstantSource clock, StoreLock lock) {
        this.dialect = dialect;
        this.file = file;
        this.clock = clock;
        this.lock = lock;
        writer = new Writer(dialect, new Connector(dialect, file, false), clock, platform);
        for (int i = 0; i < READERS; i++) {
            readers.add(new Connector(dialect, file, true));
        }
    }

    /**
     * Opens the store of a data folder, which is made if it is not there, and brings its schema up to date.
     *
     * @throws StoreStartException if it cannot be used: another process has it, a newer program made it, it cannot be read
     */
    public static Store open(Dialect dialect, Path data, InstantSource clock) {
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new StoreStartException(
                    "The data folder " + data + " cannot be made: " + e + ". Set telemetry.data to one that can.", e);
        }
        Path file = data.resolve("telemetry.db");
        StoreLock lock = StoreLock.take(data.resolve("telemetry.db.lock"));
        try {
            Migrations.run(dialect, file);
            return new Store(dialect, file, clock, lock);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** The store's clock, in epoch milliseconds: what quotas, expiry and ages go by. */
    public long now() {
        return clock.millis();
    }

    /**
     * Runs work in a transaction that writes. When this returns it is on disk; if it throws, nothing of it is kept. What is
     * written at the same time may share the transaction, one work after the other; if that fails, each is run again by
     * itself, so work changes nothing but the store, or does so in {@link Tx#afterCommit}. Not to be called from inside other
     * work.
     *
     * @throws StoreFullException if the disk has no room
     * @throws StoreUnavailableException if the store does not answer
     */
    public <T extends @Nullable Object> T write(Work<T> work) {
        return writer.write(work);
    }

    /**
     * Runs work on a snapshot: it sees one state of the store, and changes nothing. Not to be called from inside other work.
     *
     * @throws StoreUnavailableException if the store does not answer
     */
    public <T extends @Nullable Object> T read(Work<T> work) {
        Connector reader = borrow();
        try {
            return platform.run(() -> snapshot(reader, work));
        } finally {
            readers.add(reader);
            if (closed) {
                closeReaders();
            }
        }
    }

    /** Bytes that the disk of the store has left. */
    public long usableBytes() {
        return file.toFile().getUsableSpace();
    }

    /**
     * Gives up to that many pages that are no longer used back to the file system.
     *
     * @return whether there are more
     */
    public boolean shrink(int pages) {
        return write(tx -> dialect.shrink(tx, pages));
    }

    private <T extends @Nullable Object> T snapshot(Connector reader, Work<T> work) {
        checkOpen();
        Tx tx = null;
        try {
            tx = reader.tx();
            tx.begin(dialect.begin(true), clock.millis());
            T result = work.in(tx);
            tx.commit();
            return result;
        } catch (SQLException e) {
            throw reader.failed(tx, e);
        } catch (RuntimeException | Error e) {
            reader.abandon(tx);
            throw e;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new StoreUnavailableException("The store " + file + " is closed", null);
        }
    }

    private void closeReaders() {
        for (Connector reader = readers.poll(); reader != null; reader = readers.poll()) {
            reader.close();
        }
    }

    private Connector borrow() {
        checkOpen();
        try {
            Connector reader = readers.poll(READER_WAIT_SECONDS, TimeUnit.SECONDS);
            if (reader == null) {
                throw new StoreUnavailableException(
                        "No reader of " + file + " was free within " + READER_WAIT_SECONDS + " s", null);
            }
            return reader;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("Interrupted while waiting for a reader of " + file, e);
        }
    }

    /** Waits for the transaction that runs, and closes. Whoever comes after gets {@link StoreUnavailableException}. */
    @Override
    public void close() {
        closed = true;
        writer.close();
        closeReaders();
        platform.close();
        lock.close();
    }
}
