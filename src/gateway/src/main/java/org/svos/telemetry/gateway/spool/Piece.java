package org.svos.telemetry.gateway.spool;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.event.SandboxId;

/**
 * Batches of one database that were admitted together, as they lie in the journal, one after another:
 *
 * <pre>
 * piece     := directory, count × batch
 * directory := count × entry, u32 CRC-32C of the entries
 * entry     := u32 length of the head, u32 length of the body, i64 decompressed bytes, u32 valid events,
 *              u32 CRC-32C of head and body
 * batch     := head, body as it came
 * head      := 'i', 'g' or 'z' (identity, gzip, zstd), u32 most bytes of a payload, u16 its greatest depth,
 *              36 characters of the sandbox ID, the idempotency key in ASCII
 *            | the same with 'I', 'G' or 'Z', and the 55 characters of a traceparent before the key
 * </pre>
 *
 * How many batches there are, the row says: {@code last − first + 1}. All numbers are big-endian.
 *
 * @param first the position of the first batch
 * @param last of the last one
 * @param segment of the journal, or topic and partition (see KafkaTopic), that it is in; null if it is in its row
 * @param place of its first byte there, or the offset of its record
 */
record Piece(
        long databaseId,
        long first,
        long last,
        Instant admittedAt,
        int length,
        @Nullable Long segment,
        long place,
        long events,
        long bytes) {

    private static final int ENTRY = 4 * Integer.BYTES + Long.BYTES;
    private static final int MAX_BYTES = 1;
    private static final int MAX_DEPTH = MAX_BYTES + Integer.BYTES;
    private static final int SANDBOX_LENGTH = 36;
    /** Where the sandbox ID begins in the head of a batch. */
    static final int SANDBOX = MAX_DEPTH + Short.BYTES;
    /** Where that ends, and the traceparent begins if there is one, else the key. */
    static final int SANDBOX_END = SANDBOX + SANDBOX_LENGTH;

    private static final int TRACEPARENT_LENGTH = 55;

    int count() {
        return Math.toIntExact(last - first + 1);
    }

    int directoryLength() {
        return directoryLength(count());
    }

    private static int directoryLength(int count) {
        return count * ENTRY + Integer.BYTES;
    }

    /** Writes the piece of those batches; how long it is. */
    static int write(List<SpooledBatch> batches, Consumer<byte[]> to) {
        ByteBuffer directory = ByteBuffer.allocate(directoryLength(batches.size()));
        CRC32C checksum = new CRC32C();
        byte[][] heads = new byte[batches.size()][];
        int length = directory.capacity();
        for (int i = 0; i < heads.length; i++) {
            SpooledBatch batch = batches.get(i);
            heads[i] = head(batch);
            checksum.reset();
            checksum.update(heads[i], 0, heads[i].length);
            checksum.update(batch.body(), 0, batch.body().length);
            directory
                    .putInt(heads[i].length)
                    .putInt(batch.body().length)
                    .putLong(batch.bytes())
                    .putInt(batch.events())
                    .putInt((int) checksum.getValue());
            length = Math.addExact(length, heads[i].length + batch.body().length);
        }
        directory.putInt(checksum(directory.array(), 0, heads.length * ENTRY));
        to.accept(directory.array());
        for (int i = 0; i < heads.length; i++) {
            to.accept(heads[i]);
            to.accept(batches.get(i).body());
        }
        return length;
    }

    private static byte[] head(SpooledBatch batch) {
        String traceparent = batch.traceparent();
        String rest = traceparent == null ? batch.key() : traceparent + batch.key();
        byte code = code(batch.encoding());
        return ByteBuffer.allocate(SANDBOX_END + rest.length())
                .put(traceparent == null ? code : (byte) Character.toUpperCase(code))
                .putInt(batch.limits().maxBytes())
                .putShort((short) batch.limits().maxDepth())
                .put(batch.sandbox().value().getBytes(StandardCharsets.US_ASCII))
                .put(rest.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    private static boolean isTraced(byte code) {
        return Character.isUpperCase(code);
    }

    /** Where the key begins in the head of a batch whose first byte is that. */
    static int key(byte code) {
        return isTraced(code) ? SANDBOX_END + TRACEPARENT_LENGTH : SANDBOX_END;
    }

    private static byte code(Encoding encoding) {
        return switch (encoding) {
            case IDENTITY -> 'i';
            case GZIP -> 'g';
            case ZSTD -> 'z';
        };
    }

    private static Encoding encoding(byte code) {
        return switch (Character.toLowerCase(code)) {
            case 'i' -> Encoding.IDENTITY;
            case 'g' -> Encoding.GZIP;
            case 'z' -> Encoding.ZSTD;
            default -> throw new IllegalStateException("a batch that passed its checksum has the encoding " + code);
        };
    }

    private static int checksum(byte[] bytes, int from, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, from, length);
        return (int) checksum.getValue();
    }

    /** What of a piece is where. */
    static final class Directory {

        private final ByteBuffer entries;
        /** Where each batch begins, and where the last one ends. */
        private final int[] offsets;

        private Directory(ByteBuffer entries, int[] offsets) {
            this.entries = entries;
            this.offsets = offsets;
        }

        /** The directory at the beginning of a piece of that length, or null if it is damaged. */
        static @Nullable Directory read(byte[] bytes, int count, int length) {
            ByteBuffer entries = ByteBuffer.wrap(bytes);
            int end = count * ENTRY;
            if (bytes.length < directoryLength(count) || entries.getInt(end) != checksum(bytes, 0, end)) {
                return null;
            }
            int[] offsets = new int[count + 1];
            long offset = directoryLength(count);
            for (int i = 0; i <= count; i++) {
                if (offset < 0 || offset > length) {
                    return null;
                }
                offsets[i] = (int) offset;
                if (i < count) {
                    offset += (long) entries.getInt(i * ENTRY) + entries.getInt(i * ENTRY + 4);
                }
            }
            return offset == length ? new Directory(entries, offsets) : null;
        }

        int count() {
            return offsets.length - 1;
        }

        /** Where the how manyth batch begins; that of the count is the end of the piece. */
        int offset(int index) {
            return offsets[index];
        }

        int bodyLength(int index) {
            return entries.getInt(index * ENTRY + 4);
        }

        long bytes(int index) {
            return entries.getLong(index * ENTRY + 8);
        }

        int events(int index) {
            return entries.getInt(index * ENTRY + 16);
        }

        /** What so many of a batch's events come to of its bytes, as the ledger divides them. */
        long settledBytes(int index, int settled) {
            return events(index) == 0 ? 0 : bytes(index) * settled / events(index);
        }

        /** Whether those are the bytes of that batch. */
        boolean isSound(int index, byte[] bytes, int from) {
            return entries.getInt(index * ENTRY + 20) == checksum(bytes, from, offset(index + 1) - offset(index));
        }
    }

    /** The batch of those bytes, which are sound. */
    SpooledBatch batch(Directory directory, int index, byte[] bytes, int from) {
        int body = directory.bodyLength(index);
        int head = directory.offset(index + 1) - directory.offset(index) - body;
        ByteBuffer limits = ByteBuffer.wrap(bytes, from, head);
        int key = key(bytes[from]);
        byte[] kept = new byte[body];
        System.arraycopy(bytes, from + head, kept, 0, body);
        return new SpooledBatch(
                first + index,
                databaseId,
                new SandboxId(new String(bytes, from + SANDBOX, SANDBOX_LENGTH, StandardCharsets.US_ASCII)),
                new String(bytes, from + key, head - key, StandardCharsets.US_ASCII),
                admittedAt,
                directory.events(index),
                directory.bytes(index),
                new PayloadLimits(
                        limits.getInt(from + MAX_BYTES), Short.toUnsignedInt(limits.getShort(from + MAX_DEPTH))),
                encoding(bytes[from]),
                kept,
                isTraced(bytes[from])
                        ? new String(bytes, from + SANDBOX_END, TRACEPARENT_LENGTH, StandardCharsets.US_ASCII)
                        : null);
    }
}
