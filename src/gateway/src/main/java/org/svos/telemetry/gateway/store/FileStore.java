package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store of one process: a file, and before it a journal. Changes that are known beforehand, admission's, are {@link #keep kept}
 * in the journal with one sync and are done in the file a little later; work that must look first {@link #write writes} the
 * file. Whatever is read of the store, by whomever, has all that was kept before. One transaction writes at a time; what is
 * written at the same time may share one, one work after the other, and if that fails each is run again by itself. Reads run
 * beside it, each on a snapshot of its own. Of two processes, one has the store.
 *
 * <pre>
 * data/telemetry.db        the file
 * data/telemetry.db-wal    commits not yet written back to it
 * data/telemetry.db-shm    the index of those
 * data/telemetry.db.lock   held while a process has the store open
 * data/journal/            commits that the file has not yet, and bodies: {@link Segment}, {@link FrameHead}
 * </pre>
 */
public final class FileStore implements Store {

    private static final int READERS = 4;
    private static final long READER_WAIT_SECONDS = 5;
    /** For a little, so that many commits are one transaction of the file, and what a crash leaves to be done is short. */
    private static final long CATCH_UP_MILLIS = 20;

    private static final long RETRY_MILLIS = 1_000;
    private static final long CHECKPOINT_NANOS = TimeUnit.SECONDS.toNanos(1);
    /**
     * Changes that the file may lack, each some hundred bytes of memory. With more, nothing is kept: memory is not to grow
     * because the file cannot be written.
     */
    private static final long MOST_BEHIND = 50_000;

    private static final Logger log = LoggerFactory.getLogger(FileStore.class);

    private final SqliteFile file;
    private final InstantSource clock;
    private final StoreLock lock;
    private final Disk disk;
    private final BlockingQueue<Connector> readers = new LinkedBlockingQueue<>();
    private final Platform platform = new Platform();
    private final Writer writer;
    private final Journal journal;
    private final CatchUp catchUp = new CatchUp();
    private final ReentrantLock deciding = new ReentrantLock();
    private final Object keeping = new Object();
    private final Thread applier;
    private volatile long recovered;
    private volatile int damaged;
    private volatile boolean closed;

    private FileStore(SqliteFile file, InstantSource clock, StoreLock lock, Disk disk, Journal journal) {
        this.file = file;
        this.clock = clock;
        this.lock = lock;
        this.disk = disk;
        this.journal = journal;
        writer = new Writer(file, new Connector(file, false), clock, platform, catchUp);
        applier = Thread.ofPlatform().daemon().name("store-catch-up").unstarted(this::catchUp);
        for (int i = 0; i < READERS; i++) {
            readers.add(new Connector(file, true));
        }
    }

    /**
     * Opens the store of a data folder, which is made if it is not there, and brings its schema up to date, and its file up to
     * its journal.
     *
     * @param segmentBytes of a file of the journal
     * @throws StoreStartException if it cannot be used: another process has it, a newer program made it, it cannot be read
     */
    public static FileStore open(Path data, InstantSource clock, long segmentBytes) {
        return open(data, clock, segmentBytes, Disk.REAL);
    }

    /** The same on a disk of that kind. */
    public static FileStore open(Path data, InstantSource clock, long segmentBytes, Disk disk) {
        return open(data, clock, segmentBytes, disk, false);
    }

    /** Opens the store of a data folder for the one who moves it elsewhere. */
    public static FileStore openToMove(Path data, InstantSource clock, long segmentBytes) {
        return open(data, clock, segmentBytes, Disk.REAL, true);
    }

    private static FileStore open(Path data, InstantSource clock, long segmentBytes, Disk disk, boolean toMove) {
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new StoreStartException(
                    "The data folder " + data + " cannot be made: " + e + ". Set telemetry.data to one that can.", e);
        }
        SqliteFile file = new SqliteFile(data.resolve("telemetry.db"));
        StoreLock lock = StoreLock.take(data.resolve("telemetry.db.lock"));
        Path folder = data.resolve("journal");
        try {
            if (!toMove) {
                MoveMark.refuse(data);
            }
            file.syncAgain();
            Migrations.run(file);
            FileStore store = new FileStore(file, clock, lock, disk, new Journal(folder, segmentBytes, disk));
            store.recover();
            return store;
        } catch (IOException e) {
            lock.close();
            throw new StoreStartException("The journal " + folder + " cannot be read: " + e, e);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Brings the file up to what a crash left in the journal. */
    private void recover() throws IOException {
        read(tx -> {
            catchUp.start(tx);
            return null;
        });
        long before = catchUp.applied();
        damaged = journal.recover(before, frame -> {
            catchUp.add(frame);
            if (catchUp.changes() >= Writer.CHANGES) {
                write(tx -> null);
            }
        });
        if (catchUp.isBehind()) {
            write(tx -> null);
        }
        recovered = catchUp.applied() - before;
        if (recovered > 0) {
            log.info("{} commits were taken over from the journal", recovered);
        }
        applier.start();
    }

    @Override
    public long now() {
        return clock.millis();
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
        return writer.write(work, true);
    }

    @Override
    public <T extends @Nullable Object> T writeUnsynced(Work<T> work) {
        return writer.write(work, false);
    }

    @Override
    public <T extends @Nullable Object> T writeAlone(long databaseId, Work<T> work) {
        deciding.lock();
        try {
            return write(work);
        } finally {
            deciding.unlock();
        }
    }

    /** One thread decides at a time, whichever databases it is about: there is one head of one log anyway. */
    @Override
    public <T extends @Nullable Object> T decide(Collection<Long> databaseIds, Decision<T> decision) {
        deciding.lock();
        try {
            var changes = new Changes(now());
            T decided = decision.make(new OnFile(changes));
            if (!changes.isEmpty()) {
                keep(changes);
            }
            return decided;
        } catch (SQLException e) {
            throw new IllegalStateException("a decision looks by Deciding.read, which fails otherwise", e);
        } finally {
            deciding.unlock();
        }
    }

    private final class OnFile implements Deciding {

        private final Changes changes;

        OnFile(Changes changes) {
            this.changes = changes;
        }

        @Override
        public Changes changes() {
            return changes;
        }

        @Override
        public <T extends @Nullable Object> T read(Work<T> work) {
            return FileStore.this.read(work);
        }
    }

    /**
     * Keeps changes. When this returns they are on disk; if it throws, they are void. Called by whoever decides.
     *
     * @throws StoreFullException if the disk has no room
     * @throws StoreUnavailableException if the disk does not answer, or the file has not been brought up for too long
     */
    void keep(Changes changes) {
        checkOpen();
        if (catchUp.changes() >= MOST_BEHIND) {
            throw new StoreUnavailableException("The store " + file + " is too far behind its journal", null);
        }
        synchronized (keeping) {
            try {
                catchUp.add(journal.append(changes));
            } catch (IOException e) {
                throw Connector.failed(file.path(), e);
            }
        }
        changes.committed();
        LockSupport.unpark(applier);
    }

    @Override
    public byte[] body(long segment, long offset, int length) throws IOException {
        try {
            return platform.run(() -> {
                try {
                    return journal.read(segment, offset, length);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw new IOException(
                    "Byte " + offset + " of the journal's segment " + segment + " cannot be read: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public List<String> check() {
        return read(SqliteFile::check);
    }

    @Override
    public long recoveredCommits() {
        return recovered;
    }

    @Override
    public int damagedCommits() {
        return damaged;
    }

    @Override
    public Set<Long> sealedSegments() {
        return journal.sealed();
    }

    @Override
    public void freeSegments(Work<Set<Long>> unused) {
        record Found(Set<Long> unused, long applied) {}
        Found found = read(tx -> new Found(unused.in(tx), CatchUp.applied(tx)));
        // What a lost power brings back must not need what is freed.
        writer.sync(disk);
        try {
            journal.free(found.unused(), found.applied());
        } catch (IOException e) {
            throw Connector.failed(file.path(), e);
        }
    }

    /** Has what was committed written back from the engine's log, which would grow for ever otherwise. */
    void checkpoint() {
        if (writer.hasWritten()) {
            writer.checkpoint();
        }
    }

    private void catchUp() {
        long checkpointAt = System.nanoTime() + CHECKPOINT_NANOS;
        while (!closed) {
            if (!catchUp.isBehind() && System.nanoTime() - checkpointAt < 0) {
                LockSupport.parkNanos(this, CHECKPOINT_NANOS);
                continue;
            }
            try {
                Thread.sleep(CATCH_UP_MILLIS);
                if (catchUp.isBehind()) {
                    writer.write(tx -> null, false);
                }
                if (System.nanoTime() - checkpointAt >= 0) {
                    checkpointAt = System.nanoTime() + CHECKPOINT_NANOS;
                    checkpoint();
                }
            } catch (InterruptedException e) {
                log.debug("Interrupted, which only close() does");
            } catch (RuntimeException | Error e) {
                if (!closed) {
                    log.error("The store {} is not brought up to its journal: {}", file, e.getMessage(), e);
                    LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS));
                }
            }
        }
    }

    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
        long kept = catchUp.kept();
        while (catchUp.applied() < kept) {
            writer.write(tx -> null, false);
        }
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

    @Override
    public long usableBytes() {
        return file.path().toFile().getUsableSpace();
    }

    @Override
    public void onNews(NewsReader reader) {
        // There is nobody else to make any.
    }

    @Override
    public void hint(String text) {
        // There is nobody to hear it.
    }

    @Override
    public void onHint(Consumer<String> reader) {
        // There is nobody else to give any.
    }

    @Override
    public String place() {
        return file.path().toAbsolutePath().resolveSibling("").toString();
    }

    @Override
    public boolean shrink(int pages) {
        return write(tx -> SqliteFile.shrink(tx, pages));
    }

    private <T extends @Nullable Object> T snapshot(Connector reader, Work<T> work) {
        checkOpen();
        Tx tx = null;
        try {
            tx = reader.tx();
            tx.begin(SqliteFile.begin(true), clock.millis());
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

    private void finishCatchingUp() {
        try {
            while (catchUp.isBehind()) {
                write(tx -> null);
            }
        } catch (RuntimeException e) {
            log.warn("The store {} is closed before it was brought up to its journal: {}", file, e.getMessage());
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

    @Override
    public void close() {
        if (!closed) {
            finishCatchingUp();
        }
        closed = true;
        applier.interrupt();
        writer.close();
        journal.close();
        closeReaders();
        platform.close();
        lock.close();
    }
}
