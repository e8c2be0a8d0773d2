package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What happens to the files in a folder and in the folders in it. */
final class FileChanges implements AutoCloseable {

    private final WatchService watch;

    /** Files that are written to. */
    static FileChanges writes(Path folder) {
        return new FileChanges(folder, StandardWatchEventKinds.ENTRY_MODIFY);
    }

    /** Files that are made and removed. */
    static FileChanges comingAndGoing(Path folder) {
        return new FileChanges(folder, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
    }

    private FileChanges(Path folder, WatchEvent.Kind<?>... kinds) {
        try (Stream<Path> paths = Files.walk(folder)) {
            watch = folder.getFileSystem().newWatchService();
            for (Path path : paths.filter(Files::isDirectory).toList()) {
                path.register(watch, kinds);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for that many, or for that long. */
    void await(int changes, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        int seen = 0;
        while (seen < changes) {
            WatchKey key = watch.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (key == null) {
                return;
            }
            seen += key.pollEvents().size();
            key.reset();
        }
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
