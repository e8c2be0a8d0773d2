package org.svos.telemetry.loader.spool;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes one batch of several that wait, of bodies as {@link BodyLines} draws them. It has one place for an unpacked body and one for
 * the new one, as new ones each time, too large for the young generation to keep, filled the heap up to its bound: 20 MiB.
 */
final class Joining {

    /** Places larger than this are not kept. */
    private static final int KEPT = 1024 * 1024;

    private static final byte[] BETWEEN = {',', '\n'};

    private final ReentrantLock lock = new ReentrantLock();
    private byte[] unpacked = new byte[0];
    private ByteArrayOutputStream packed = new ByteArrayOutputStream();

    /**
     * One batch of those, in their order.
     *
     * @param count of how many, from the first on: not of one with another first line than the first's, nor of those after it
     */
    record Joined(Part part, int count) {}

    /** Joins batches: the first line of the first, the events of all, the last line of the last, which has lost the most. */
    Joined joined(List<SpooledBatch> batches) throws IOException {
        lock.lock();
        try {
            return join(batches);
        } finally {
            if (Math.max(unpacked.length, packed.size()) > KEPT) {
                unpacked = new byte[0];
                packed = new ByteArrayOutputStream();
            }
            packed.reset();
            lock.unlock();
        }
    }

    private Joined join(List<SpooledBatch> batches) throws IOException {
        int events = 0;
        int bytes = 0;
        int count = 0;
        try (ZstdDecompressCtx unpacking = new ZstdDecompressCtx();
                ZstdOutputStream zstd = new ZstdOutputStream(packed, RecyclingBufferPool.INSTANCE, BodyLines.LEVEL)) {
            zstd.setChecksum(true);
            byte[] head = new byte[0];
            byte[] tail = head;
            for (SpooledBatch batch : batches) {
                int length = unpack(unpacking, batch);
                int first = firstLine(length);
                int last = lastLine(length);
                if (count == 0) {
                    head = Arrays.copyOf(unpacked, first);
                    zstd.write(head);
                } else if (Arrays.equals(head, 0, head.length, unpacked, 0, first)) {
                    zstd.write(BETWEEN);
                    bytes += BETWEEN.length;
                } else {
                    break;
                }
                zstd.write(unpacked, first, last - first);
                bytes += last - first;
                tail = Arrays.copyOfRange(unpacked, last, length);
                events += batch.events();
                count++;
            }
            zstd.write(tail);
            bytes += head.length + tail.length;
        }
        return new Joined(new Part(UUID.randomUUID().toString(), events, bytes, packed.toByteArray()), count);
    }

    private int unpack(ZstdDecompressCtx unpacking, SpooledBatch batch) {
        if (unpacked.length < batch.bytes()) {
            unpacked = new byte[batch.bytes()];
        }
        return unpacking.decompressByteArray(unpacked, 0, unpacked.length, batch.body(), 0, batch.body().length);
    }

    /** Where the first line ends, its line feed included. */
    private int firstLine(int length) throws IOException {
        for (int i = 0; i < length; i++) {
            if (unpacked[i] == '\n') {
                return i + 1;
            }
        }
        throw new IOException("a body without lines");
    }

    /** Where the line feed before the last line is. */
    private int lastLine(int length) throws IOException {
        for (int i = length - 1; i >= 0; i--) {
            if (unpacked[i] == '\n') {
                return i;
            }
        }
        throw new IOException("a body without lines");
    }
}
