package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a second process out of the store. The kernel gives it up when its process ends, however it ends. */
final class StoreLock implements AutoCloseable {

    private final FileChannel channel;

    private StoreLock(FileChannel channel) {
        this.channel = channel;
    }

    static StoreLock take(Path file) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() != null) {
                return new StoreLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: told as any other holder is.
        } catch (IOException e) {
            throw new StoreStartException(
                    "The data folder " + file.getParent() + " cannot be written: " + e
                            + ". Make it writable for this user, or set telemetry.data to one that is.",
                    e);
        }
        closeQuietly(channel);
        throw new StoreStartException("Another gateway has the data folder " + file.getParent()
                + " open. Stop it, or set telemetry.data to a folder of its own.");
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }
}
