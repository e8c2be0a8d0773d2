package org.svos.telemetry.gateway.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits on their way to the store's file, and the bodies that go no further: files that are appended to, synced once for each
 * commit, and freed whole once the file has all of their commits and no row refers to their bodies.
 *
 * <p>One thread at a time appends; others read meanwhile. Not for virtual threads, which hold their carrier in here.
 */
final class Journal implements Closeable {

    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    private static final int CHUNK = 256 << 10;

    private final Path folder;
    private final Disk disk;
    private final Spares spares;
    private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    private final ChangesCodec codec = new ChangesCodec();
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    private final CRC32C checksum = new CRC32C();

    private @Nullable Segment segment;
    private @Nullable FileChannel channel;
    /** Where the next frame goes. */
    private long end;

    private long size;
    /** How far the frame that is being written is. */
    private long at;
    /** Of the last commit. */
    private long sequence;

    /**
     * A journal in that folder.
     *
     * @param segmentBytes of a segment; one with a larger frame is as large as that
     */
    Journal(Path folder, long segmentBytes, Disk disk) throws IOException {
        this.folder = folder;
        this.disk = disk;
        Files.createDirectories(folder);
        spares = new Spares(folder, segmentBytes, disk);
    }

    /**
     * Reads what there is, and goes on behind it. The last frame may have come to the kernel's cache and no further: it is
     * written again and synced before anybody is told of it. That of those before it the next one proves.
     *
     * @param applied the sequence of the last commit that the file has
     * @param frames is told of each after that
     * @return how many frames were damaged or missing
     */
    int recover(long applied, JournalScan.Frames frames) throws IOException {
        Deque<Frame> last = new ArrayDeque<>();
        JournalScan.End found = new JournalScan(folder).read(applied, frame -> {
            last.addLast(frame);
            if (last.size() > 1) {
                frames.next(last.removeFirst());
            }
        });
        found.segments().forEach(each -> segments.put(each.number(), each));
        sequence = Math.max(applied, found.sequence());
        if (!segments.isEmpty()) {
            Segment end = segments.lastEntry().getValue();
            syncAgain(end, found.lastFrame(), found.offset());
            if (found.sequence() == sequence) {
                goOn(end, found.offset());
            }
        }
        if (!last.isEmpty()) {
            frames.next(last.removeFirst());
        }
        return found.damaged();
    }

    private void syncAgain(Segment last, long from, long to) throws IOException {
        try (FileChannel both = FileChannel.open(last.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (long offset = from; offset < to; offset += CHUNK) {
                chunk.clear().limit((int) Math.min(CHUNK, to - offset));
                Segment.readAll(both, chunk, offset);
                disk.write(both, chunk.flip(), offset);
            }
            disk.sync(both);
        }
    }

    private void goOn(Segment last, long offset) throws IOException {
        channel = FileChannel.open(last.file(), StandardOpenOption.WRITE);
        segment = last;
        end = offset;
        size = channel.size();
    }

    /**
     * Makes changes durable: when this returns they are on the disk.
     *
     * @throws IOException if not. They are then void, also after a crash
     */
    Frame append(Changes changes) throws IOException {
        codec.write(changes.all());
        checksum.reset();
        checksum.update(codec.bytes(), 0, codec.length());
        var head = new FrameHead(codec.length(), changes.bodyBytes(), sequence + 1, (int) checksum.getValue());
        if (channel == null || end + head.size() > size) {
            roll(head.size());
        }
        long bodies = end + FrameHead.LENGTH + head.changes();
        boolean kept = false;
        try {
            write(head, changes);
            kept = true;
        } finally {
            if (!kept) {
                // What a sync that failed has left on the disk nobody knows. The next segment says that it is void.
                abandon();
                beginAnew();
            }
        }
        end += head.size();
        sequence++;
        spares.filled(end, size);
        return new Frame(sequence, current().number(), bodies, changes.all());
    }

    private Segment current() {
        if (segment == null) {
            throw new IllegalStateException("no segment");
        }
        return segment;
    }

    private void write(FrameHead head, Changes changes) throws IOException {
        at = end;
        chunk.clear();
        head.write(chunk, current().salt());
        put(codec.bytes(), codec.length());
        for (byte[] body : changes.bodies()) {
            checksum.update(body, 0, body.length);
            put(body, body.length);
        }
        if (chunk.remaining() < FrameHead.TRAILER) {
            flush();
        }
        chunk.putInt((int) checksum.getValue());
        int padding = Math.floorMod(-chunk.position(), Segment.BLOCK);
        for (int i = 0; i < padding; i++) {
            chunk.put((byte) 0);
        }
        flush();
        disk.sync(opened());
    }

    private void put(byte[] bytes, int length) throws IOException {
        int from = 0;
        while (from < length) {
            int part = Math.min(length - from, chunk.remaining());
            chunk.put(bytes, from, part);
            from += part;
            if (!chunk.hasRemaining()) {
                flush();
            }
        }
    }

    private void flush() throws IOException {
        chunk.flip();
        at += chunk.remaining();
        disk.write(opened(), chunk, at - chunk.remaining());
        chunk.clear();
    }

    private FileChannel opened() {
        if (channel == null) {
            throw new IllegalStateException("no segment is open");
        }
        return channel;
    }

    private void roll(long frame) throws IOException {
        abandon();
        long number = segments.isEmpty() ? 1 : segments.lastKey() + 1;
        Path prepared = spares.take(Segment.BLOCK + frame);
        Segment next = Segment.begin(prepared, folder, number, sequence + 1);
        channel = FileChannel.open(next.file(), StandardOpenOption.WRITE);
        size = channel.size();
        end = Segment.BLOCK;
        segment = next;
        segments.put(number, next);
    }

    /** At once, as the process may end before the next commit, which would begin one if this fails. */
    private void beginAnew() {
        try {
            roll(0);
        } catch (IOException e) {
            log.warn("The journal has no next segment yet: {}", e.getMessage());
        }
    }

    private void abandon() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                log.warn("A segment of the journal did not close: {}", e.getMessage());
            }
            channel = null;
        }
    }

    /**
     * Bytes of a segment.
     *
     * @throws IOException if they cannot be read, or the segment is not there
     * @throws StoreUnavailableException if the file cannot be opened now, which says nothing of its bytes
     */
    byte[] read(long number, long offset, int length) throws IOException {
        Segment from = segments.get(number);
        if (from == null) {
            throw new IOException("The journal has no segment " + number);
        }
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return read(from, offset, length);
                } catch (ClosedByInterruptException e) {
                    // That the reader is to end says nothing about the bytes: one that took it so would call them
                    // damaged.
                    interrupted = Thread.interrupted() || interrupted;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static byte[] read(Segment from, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try (FileChannel channel = openToRead(from.file())) {
            Segment.readAll(channel, bytes, offset);
        }
        return bytes.array();
    }

    private static FileChannel openToRead(Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (FileSystemException e) {
            // Too many open files, for one: whoever took that for damage would throw away what is whole.
            throw new StoreUnavailableException("The journal's " + file + " cannot be opened: " + e.getReason(), e);
        }
    }

    /**
     * Frees segments that nobody needs any more.
     *
     * @param unused {@link #sealed sealed} ones whose bodies are needed no more. They are named, and not those that are needed:
     *     of a segment that was sealed since somebody looked, nobody knows
     * @param applied the sequence of a commit that the file has, on the disk
     */
    void free(Set<Long> unused, long applied) throws IOException {
        for (long number : unused) {
            Segment old = segments.get(number);
            var after = segments.higherEntry(number);
            if (old != null && after != null && after.getValue().first() <= applied + 1) {
                segments.remove(number);
                spares.give(old.file());
            }
        }
    }

    /** The numbers of all segments but the one that is appended to. */
    Set<Long> sealed() {
        return Set.copyOf(
                segments.headMap(segments.isEmpty() ? 0 : segments.lastKey()).keySet());
    }

    @Override
    public void close() {
        abandon();
        spares.close();
    }
}
