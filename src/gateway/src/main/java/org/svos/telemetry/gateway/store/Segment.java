package org.svos.telemetry.gateway.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A file of the journal. All its bytes are there, and on the disk, before it is used: to overwrite and sync them then changes no
 * size and no extent, and costs about half of what it costs to append.
 *
 * <pre>
 * segment := head, frames, each at a multiple of 4,096 bytes; what lies behind the last is of no meaning
 * head    := "KTJ1" u32 version, i64 number, i64 first sequence, i64 salt, u32 CRC-32C of these
 * </pre>
 *
 * The salt is random and is in every frame. Bodies are other people's bytes, and a file is used again: without it somebody could
 * send a body that looks like a frame, and wait until a recovery comes upon it.
 *
 * @param first the sequence of its first frame. Frames of the segment before with this or a later one are void: they failed
 */
record Segment(Path file, long number, long first, long salt) {

    static final int BLOCK = 4_096;
    static final String SUFFIX = ".segment";

    private static final int MAGIC = 0x4B544A31;
    private static final int VERSION = 1;
    private static final int HEAD = 2 * Integer.BYTES + 3 * Long.BYTES;
    /** Few enough that a sync behind them waits no longer than behind another sync. */
    private static final int CHUNK = 256 << 10;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Set<OpenOption> DIRECT = direct();

    private static String name(long number) {
        return "%016d%s".formatted(number, SUFFIX);
    }

    static Path file(Path folder, long number) {
        return folder.resolve(name(number));
    }

    /**
     * Makes a file with its bytes on the disk.
     *
     * @param size a multiple of 4,096
     */
    static void prepare(Path file, long size, Disk.Pace pace) throws IOException {
        boolean whole = false;
        Files.deleteIfExists(file);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        try (FileChannel channel = pastTheCache(file)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK + BLOCK).alignedSlice(BLOCK);
            for (long at = 0; at < size; at += zeros.limit()) {
                zeros.clear().limit((int) Math.min(CHUNK, size - at));
                pace.await(at + zeros.limit());
                writeAll(channel, zeros, at);
            }
            channel.force(true);
            whole = true;
        } finally {
            if (!whole) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Zeros that nobody will read need no copy in the kernel's cache. Not every file system can do without. */
    private static FileChannel pastTheCache(Path file) throws IOException {
        Set<OpenOption> options = new HashSet<>(Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        try {
            options.addAll(DIRECT);
            return FileChannel.open(file, options);
        } catch (UnsupportedOperationException | FileSystemException e) {
            options.removeAll(DIRECT);
            return FileChannel.open(file, options);
        }
    }

    /** O_DIRECT, where the JDK has it; by its name, as the compiler calls the module jdk.unsupported by its own. */
    private static Set<OpenOption> direct() {
        try {
            Object[] options =
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
            return Stream.of(options)
                    .filter(option -> option.toString().equals("DIRECT"))
                    .map(OpenOption.class::cast)
                    .collect(Collectors.toSet());
        } catch (ClassNotFoundException e) {
            return Set.of();
        }
    }

    /** Makes a prepared file the next segment. Both its head and its name are on the disk when this returns. */
    static Segment begin(Path prepared, Path folder, long number, long first) throws IOException {
        Segment segment = new Segment(file(folder, number), number, first, RANDOM.nextLong());
        ByteBuffer head = ByteBuffer.allocateDirect(BLOCK);
        head.putInt(MAGIC).putInt(VERSION).putLong(number).putLong(first).putLong(segment.salt);
        head.putInt(checksum(head.duplicate().flip())).clear();
        try (FileChannel channel = FileChannel.open(prepared, StandardOpenOption.WRITE)) {
            writeAll(channel, head, 0);
            channel.force(true);
        }
        Files.move(prepared, segment.file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
        return segment;
    }

    /**
     * Reads the head of a segment.
     *
     * @throws IOException if it is none, or damaged
     */
    static Segment open(Path file) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD + Integer.BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            readAll(channel, head, 0);
        }
        head.flip();
        int checksum = checksum(head.duplicate().limit(HEAD));
        if (head.getInt() != MAGIC || head.getInt() != VERSION || head.getInt(HEAD) != checksum) {
            throw new IOException("The head of " + file + " is damaged");
        }
        Segment segment = new Segment(file, head.getLong(), head.getLong(), head.getLong());
        if (!file.endsWith(name(segment.number))) {
            throw new IOException("The head of " + file + " is that of segment " + segment.number);
        }
        return segment;
    }

    static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    static void writeAll(FileChannel channel, ByteBuffer from, long at) throws IOException {
        long position = at;
        while (from.hasRemaining()) {
            position += channel.write(from, position);
        }
    }

    static void readAll(FileChannel channel, ByteBuffer into, long at) throws IOException {
        long position = at;
        while (into.hasRemaining()) {
            int read = channel.read(into, position);
            if (read < 0) {
                throw new EOFException("The segment ends at " + position);
            }
            position += read;
        }
    }
}
