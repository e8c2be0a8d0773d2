package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** What the journal asks of the disk: a test's is slow, full or broken. */
public interface Disk {

    /** The machine's. */
    Disk REAL = new Disk() {};

    /** Makes a file of that size, with its bytes on the disk. */
    default void prepare(Path file, long size) throws IOException {
        Segment.prepare(file, size);
    }

    /** Writes all of those bytes. */
    default void write(FileChannel channel, ByteBuffer from, long at) throws IOException {
        Segment.writeAll(channel, from, at);
    }

    /** Returns once what was written is on the disk. */
    default void sync(FileChannel channel) throws IOException {
        channel.force(false);
    }
}
