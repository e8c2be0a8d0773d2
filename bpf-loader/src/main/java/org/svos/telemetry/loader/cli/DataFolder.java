package org.svos.telemetry.loader.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The folder of one loader: its lock, and where its spool is. */
final class DataFolder implements AutoCloseable {

    private static final String LOCK = "lock";
    private static final String SPOOL = "spool.db";
    /** For so long, together, who has the folder may be one that only looks, as {@link #isInUse} does. */
    private static final int LOOKS = 5;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final FileChannel channel;

    private DataFolder(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the folder for this process; null if another has it, and not only to look whether one has. */
    static @Nullable DataFolder take(Path folder) throws IOException {
        DataFolder taken = tryTo(folder);
        for (int i = 0; taken == null && i < LOOKS; i++) {
            LockSupport.parkNanos(LOOK_NANOS);
            taken = tryTo(folder);
        }
        return taken;
    }

    private static @Nullable DataFolder tryTo(Path folder) throws IOException {
        FileChannel channel = open(folder);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            return null;
        }
        // The lock goes with the channel.
        return new DataFolder(channel);
    }

    private static FileChannel open(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
            return FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("the folder " + folder + " cannot be used (setting data): " + e, e);
        }
    }

    /** Whether a loader runs on the folder. */
    static boolean isInUse(Path folder) throws IOException {
        if (Files.notExists(folder.resolve(LOCK))) {
            return false;
        }
        try (DataFolder taken = tryTo(folder)) {
            return taken == null;
        }
    }

    static Path spool(Path folder) {
        return folder.resolve(SPOOL);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
