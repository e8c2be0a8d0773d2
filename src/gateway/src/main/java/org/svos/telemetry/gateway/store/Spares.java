package org.svos.telemetry.gateway.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that are ready to be the journal's next segments: those that were freed, and one that is made while the segment before
 * it fills, so that a commit need not wait for that. It is made in step with the filling. All at once would be soonest done,
 * and each commit meanwhile would wait for its sync behind tens of megabytes of zeros.
 */
final class Spares implements Closeable {

    private static final Logger log = LoggerFactory.getLogger(Spares.class);

    private static final int KEPT = 2;
    /** Commits tell of their progress no more often than after so many bytes, or a sixteenth of a segment. */
    private static final long STEP = 256 << 10;
    /** A file is begun when that share of the segment is filled: what is freed until then need not be made. */
    private static final double BEGUN = 0.25;
    /** It is done when this share is. */
    private static final double DONE = 0.875;

    private final Path folder;
    private final long bytes;
    private final Disk disk;
    private final Deque<Path> ready = new ArrayDeque<>();
    private final Thread maker;
    private int named;
    private boolean wanted;
    private boolean making;
    /** Bytes that the file being made may have by now. */
    private long due;

    private boolean closed;
    /** How far the segment is to be filled before that is told again; of the thread that appends. */
    private long told;

    Spares(Path folder, long bytes, Disk disk) throws IOException {
        this.folder = folder;
        this.bytes = Math.ceilDiv(bytes, (long) Segment.BLOCK) * Segment.BLOCK;
        this.disk = disk;
        // What an earlier process had ready or half made: not worth a look.
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "spare-*")) {
            for (Path file : left) {
                Files.delete(file);
            }
        }
        maker = Thread.ofPlatform().daemon().name("journal-spares").start(this::run);
    }

    private synchronized Path name() {
        named++;
        return folder.resolve("spare-" + named);
    }

    /** A file of at least that size, to be renamed by the caller. */
    Path take(long least) throws IOException {
        Path spare = takeReady(least);
        if (spare != null) {
            return spare;
        }
        Path file = name();
        disk.prepare(file, Math.max(bytes, least), Disk.Pace.NONE);
        return file;
    }

    private synchronized @Nullable Path takeReady(long least) throws IOException {
        told = 0;
        wanted = false;
        due = Long.MAX_VALUE;
        notifyAll();
        boolean interrupted = false;
        while (making && ready.isEmpty()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        due = 0;
        while (!ready.isEmpty()) {
            Path file = ready.removeFirst();
            if (Files.size(file) >= least) {
                return file;
            }
            Files.delete(file);
        }
        return null;
    }

    /** Takes back the file of a segment. */
    void give(Path segment) throws IOException {
        Path file = name();
        synchronized (this) {
            if (ready.size() < KEPT && Files.size(segment) == bytes) {
                Files.move(segment, file, StandardCopyOption.ATOMIC_MOVE);
                ready.addLast(file);
                return;
            }
        }
        Files.delete(segment);
    }

    /** Tells how far the present segment is filled, after each commit: the next is to be ready before it is full. */
    void filled(long filled, long size) {
        if (filled < told) {
            return;
        }
        told = filled + Math.min(STEP, size / 16);
        double share = ((double) filled / size - BEGUN) / (DONE - BEGUN);
        if (share <= 0) {
            return;
        }
        synchronized (this) {
            due = (long) (share * bytes);
            wanted = making || ready.isEmpty();
            notifyAll();
        }
    }

    private void run() {
        while (awaitWanted()) {
            make();
        }
    }

    private synchronized boolean awaitWanted() {
        try {
            while (!closed && !(wanted && ready.isEmpty())) {
                wait();
            }
        } catch (InterruptedException e) {
            return false;
        }
        making = !closed;
        return making;
    }

    private void make() {
        Path file = name();
        Path made = null;
        try {
            disk.prepare(file, bytes, this::awaitDue);
            made = file;
        } catch (InterruptedIOException e) {
            log.debug("The journal's next segment is not made: {}", e.getMessage());
        } catch (IOException e) {
            // The commit that needs it will make it, or fail and tell.
            log.warn("The journal's next segment could not be made ahead: {}", e.getMessage());
        } finally {
            made(made);
        }
    }

    private synchronized void made(@Nullable Path file) {
        if (file != null) {
            ready.addLast(file);
        }
        making = false;
        wanted = false;
        notifyAll();
    }

    private synchronized void awaitDue(long written) throws InterruptedIOException {
        try {
            while (!closed && written > due) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException(e.getMessage());
        }
        if (closed) {
            throw new InterruptedIOException("the journal is closed");
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        boolean interrupted = false;
        while (maker.isAlive()) {
            try {
                maker.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
