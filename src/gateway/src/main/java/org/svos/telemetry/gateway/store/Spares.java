package org.svos.telemetry.gateway.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that are ready to be the journal's next segments: those that were freed, and one that is made while the segment before
 * it fills, so that a commit need not wait for that.
 */
final class Spares implements Closeable {

    private static final Logger log = LoggerFactory.getLogger(Spares.class);

    private static final int KEPT = 2;

    private final Path folder;
    private final long bytes;
    private final Disk disk;
    private final Deque<Path> ready = new ArrayDeque<>();
    private final Thread maker;
    private int named;
    private boolean wanted;
    private boolean closed;

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
        synchronized (this) {
            wanted = false;
            while (!ready.isEmpty()) {
                Path file = ready.removeFirst();
                if (Files.size(file) >= least) {
                    return file;
                }
                Files.delete(file);
            }
        }
        Path file = name();
        disk.prepare(file, Math.max(bytes, least));
        return file;
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

    /** Has one made if the present segment is filled so far that it may be wanted soon. */
    void wantedAt(long filled, long size) {
        if (filled > size / 2) {
            synchronized (this) {
                if (!wanted && ready.isEmpty()) {
                    wanted = true;
                    notifyAll();
                }
            }
        }
    }

    private void run() {
        while (true) {
            synchronized (this) {
                while (!closed && !(wanted && ready.isEmpty())) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        return;
                    }
                }
                if (closed) {
                    return;
                }
            }
            make();
        }
    }

    private void make() {
        Path file = name();
        try {
            disk.prepare(file, bytes);
            synchronized (this) {
                ready.addLast(file);
            }
        } catch (IOException e) {
            // The commit that needs it will make it, or fail and tell.
            log.warn("The journal's next segment could not be made ahead: {}", e.getMessage());
            synchronized (this) {
                wanted = false;
            }
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
