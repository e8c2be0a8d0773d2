package org.svos.telemetry.gateway.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The head of a frame. A frame is what one commit came to, whole or not there:
 *
 * <pre>
 * frame := head, changes, bodies, u32 CRC-32C of changes and bodies, zeros up to the next multiple of 4,096
 * head  := u32 magic, u32 length of the changes, i64 length of the bodies, i64 sequence, i64 the segment's salt,
 *          u32 CRC-32C of the changes, u32 CRC-32C of the head so far
 * </pre>
 *
 * Frames begin on blocks of their own, so that to write one never writes a block of the one before again, which was promised
 * to be on the disk; and so that whole pages are overwritten, which the kernel then need not read first.
 */
record FrameHead(int changes, long bodies, long sequence, int changesChecksum) {

    static final int LENGTH = 3 * Integer.BYTES + 3 * Long.BYTES + Integer.BYTES;
    static final int TRAILER = Integer.BYTES;

    private static final int MAGIC = 0x4B544652;

    /** Bytes of the frame, up to the next block. */
    long size() {
        return Math.ceilDiv(LENGTH + changes + bodies + TRAILER, (long) Segment.BLOCK) * Segment.BLOCK;
    }

    void write(ByteBuffer into, long salt) {
        int start = into.position();
        into.putInt(MAGIC)
                .putInt(changes)
                .putLong(bodies)
                .putLong(sequence)
                .putLong(salt)
                .putInt(changesChecksum);
        into.putInt(checksum(into, start));
    }

    /** The head at the beginning of those bytes, or null if there is none of this salt, or a damaged one. */
    static @Nullable FrameHead read(ByteBuffer from, long salt) {
        int start = from.position();
        if (from.remaining() < LENGTH || from.getInt() != MAGIC) {
            return null;
        }
        var head = new FrameHead(from.getInt(), from.getLong(), from.getLong(), from.getInt(start + LENGTH - 8));
        boolean salted = from.getLong() == salt;
        boolean sound = from.getInt(start + LENGTH - 4) == checksum(from.position(start + LENGTH - 4), start);
        from.position(start + LENGTH);
        return salted && sound && head.changes >= 0 && head.bodies >= 0 ? head : null;
    }

    /** Of the bytes from there up to the position. */
    private static int checksum(ByteBuffer bytes, int start) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().flip().position(start));
        return (int) crc.getValue();
    }
}
