package org.svos.telemetry.gateway.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a journal after a crash. Frames were written and synced one after another, each after the sync of the one before, so
 *
 * <ul>
 *   <li>a frame that is not whole and has none behind it was never promised: it is dropped;
 *   <li>a frame that is not whole and has a later one behind it was promised and is damaged. If its changes are whole they
 *       count, and its bodies are found damaged when they are read; otherwise its commits are lost, and that is said;
 *   <li>a frame whose sequence the next segment begins with, or an earlier one, had failed: it is void.
 * </ul>
 */
final class JournalScan {

    private static final Logger log = LoggerFactory.getLogger(JournalScan.class);

    private static final int CHUNK = 1 << 20;

    private final Path folder;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);

    JournalScan(Path folder) {
        this.folder = folder;
    }

    /** Is told of frames in their order. */
    @FunctionalInterface
    interface Frames {
        void next(Frame frame) throws IOException;
    }

    /**
     * Where the journal ends.
     *
     * @param sequence of its last commit; 0 if it has none
     * @param offset behind that, in the last segment
     * @param lastFrame where the last frame of the last segment begins; as the offset if there is none
     * @param damaged how many frames were damaged
     */
    record End(List<Segment> segments, long sequence, long lastFrame, long offset, int damaged) {}

    private static final class Walk {
        private final long applied;
        private final Frames frames;
        private long sequence;
        private long lastFrame;
        private int damaged;

        Walk(long applied, Frames frames) {
            this.applied = applied;
            this.frames = frames;
        }
    }

    /** Reads all that comes after {@code applied}. */
    End read(long applied, Frames frames) throws IOException {
        List<Segment> segments = segments();
        var walk = new Walk(applied, frames);
        long offset = Segment.BLOCK;
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            long until = i + 1 < segments.size() ? segments.get(i + 1).first() : Long.MAX_VALUE;
            if (i == 0) {
                walk.sequence = Math.min(segment.first() - 1, applied);
            }
            if (segment.first() > walk.sequence + 1) {
                missing(walk, segment.first() - 1);
            }
            // Nothing in it is news where the next one begins with what the file has.
            if (until > applied + 1) {
                offset = walk(segment, until, walk);
            }
            walk.sequence = until == Long.MAX_VALUE ? walk.sequence : Math.max(walk.sequence, until - 1);
        }
        return new End(segments, walk.sequence, walk.lastFrame, offset, walk.damaged);
    }

    private void missing(Walk walk, long last) {
        if (last > walk.applied) {
            walk.damaged++;
            log.error(
                    "The journal {} lacks its commits {} to {}: what they had accepted is lost",
                    folder,
                    Math.max(walk.sequence, walk.applied) + 1,
                    last);
        }
        walk.sequence = last;
    }

    private List<Segment> segments() throws IOException {
        List<Segment> segments = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + Segment.SUFFIX)) {
            for (Path file : files) {
                try {
                    segments.add(Segment.open(file));
                } catch (IOException e) {
                    Path aside = file.resolveSibling(file.getFileName() + ".damaged");
                    log.error("{}; it is put aside as {}", e.getMessage(), aside);
                    Files.move(file, aside);
                }
            }
        }
        segments.sort(Comparator.comparingLong(Segment::number));
        return segments;
    }

    /** Reads the frames of a segment; where the last one ends. */
    private long walk(Segment segment, long until, Walk walk) throws IOException {
        try (FileChannel channel = FileChannel.open(segment.file(), StandardOpenOption.READ)) {
            long size = channel.size();
            long sequence = segment.first() - 1;
            long offset = Segment.BLOCK;
            walk.lastFrame = offset;
            while (sequence + 1 < until) {
                FrameHead head = headAt(channel, segment, offset, size);
                boolean known = head != null && head.sequence() == sequence + 1;
                if (head != null && known && (sequence < walk.applied || isWhole(channel, offset, head))) {
                    if (head.sequence() > walk.applied) {
                        walk.frames.next(frame(channel, segment, offset, head));
                    }
                    sequence++;
                    walk.lastFrame = offset;
                    offset += head.size();
                    continue;
                }
                long later = later(channel, segment, offset, size, sequence + 1);
                if (later < 0 && until == Long.MAX_VALUE) {
                    if (known) {
                        log.warn("The journal {} ends in a commit that was not finished; it is dropped", folder);
                    }
                    break;
                }
                // There is a later one, here or in the next segment: this one was promised.
                sequence = damaged(channel, segment, offset, head, sequence + 1, walk);
                if (later < 0) {
                    missingUntil(sequence, until, walk);
                    break;
                }
                FrameHead next = headAt(channel, segment, later, size);
                if (next != null && next.sequence() > sequence + 1) {
                    missing(walk, next.sequence() - 1);
                    sequence = next.sequence() - 1;
                }
                offset = later;
            }
            walk.sequence = sequence;
            return offset;
        }
    }

    private void missingUntil(long sequence, long until, Walk walk) {
        walk.sequence = sequence;
        if (sequence + 1 < until) {
            missing(walk, until - 1);
        }
    }

    private long damaged(
            FileChannel channel, Segment segment, long offset, @Nullable FrameHead head, long expected, Walk walk)
            throws IOException {
        if (head == null || head.sequence() != expected) {
            return expected - 1;
        }
        ByteBuffer changes = ByteBuffer.allocate(head.changes());
        Segment.readAll(channel, changes, offset + FrameHead.LENGTH);
        if (Segment.checksum(changes.flip()) != head.changesChecksum()) {
            return expected - 1;
        }
        walk.damaged++;
        log.error("Commit {} in {} is damaged; its events are found and counted when they are read", expected, segment);
        if (expected > walk.applied) {
            walk.frames.next(frame(channel, segment, offset, head));
        }
        return expected;
    }

    /** Where the next frame with that or a later sequence begins, behind the one at an offset; -1 if there is none. */
    private static long later(FileChannel channel, Segment segment, long offset, long size, long after)
            throws IOException {
        for (long at = offset + Segment.BLOCK; at < size; at += Segment.BLOCK) {
            FrameHead head = headAt(channel, segment, at, size);
            if (head != null && head.sequence() > after) {
                return at;
            }
        }
        return -1;
    }

    private static @Nullable FrameHead headAt(FileChannel channel, Segment segment, long offset, long size)
            throws IOException {
        if (offset + FrameHead.LENGTH > size) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(FrameHead.LENGTH);
        Segment.readAll(channel, bytes, offset);
        FrameHead head = FrameHead.read(bytes.flip(), segment.salt());
        return head != null && offset + head.size() <= size ? head : null;
    }

    private boolean isWhole(FileChannel channel, long offset, FrameHead head) throws IOException {
        CRC32C checksum = new CRC32C();
        long at = offset + FrameHead.LENGTH;
        long left = head.changes() + head.bodies();
        while (left > 0) {
            chunk.clear().limit((int) Math.min(CHUNK, left));
            Segment.readAll(channel, chunk, at);
            at += chunk.limit();
            left -= chunk.limit();
            checksum.update(chunk.flip());
        }
        chunk.clear().limit(FrameHead.TRAILER);
        Segment.readAll(channel, chunk, at);
        return chunk.flip().getInt() == (int) checksum.getValue();
    }

    private static Frame frame(FileChannel channel, Segment segment, long offset, FrameHead head) throws IOException {
        ByteBuffer changes = ByteBuffer.allocate(head.changes());
        Segment.readAll(channel, changes, offset + FrameHead.LENGTH);
        return new Frame(
                head.sequence(),
                segment.number(),
                offset + FrameHead.LENGTH + head.changes(),
                ChangesCodec.read(changes.flip()));
    }
}
