package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** What the journal asks of the disk, and what is freed of it depends on: a test's is slow, full or broken. */
public interface Disk {

    /** The machine's. */
    Disk REAL = new Disk() {};

    /**
     * Makes a file of that size, with its bytes on the disk.
     *
     * @param pace is asked before each part of it
     */
    default void prepare(Path file, long size, Pace pace) throws IOException {
        Segment.prepare(file, size, pace);
    }

    /** Writes all of those bytes. */
    default void write(FileChannel channel, ByteBuffer from, long at) throws IOException {
        Segment.writeAll(channel, from, at);
    }

    /** How fast a file may be made: a disk that is given tens of megabytes at once has every sync wait behind them. */
    @FunctionalInterface
    interface Pace {

        /** At once. */
        Pace NONE = bytes -> {};

        /** Returns once that many of its bytes may be written. */
        void await(long bytes) throws IOException;
    }

    /** Returns once what was written is on the disk. */
    default void sync(FileChannel channel) throws IOException {
        channel.force(false);
    }
}
