package org.svos.telemetry.loader.ring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A ring as the kernel lays it out, in ordinary memory, and the kernel's side of it. */
final class RingMemory {

    static final int PAGE = 4096;

    final ByteBuffer consumer = aligned(PAGE);
    final ByteBuffer memory;
    final int size;
    private long produced;

    RingMemory(int size) {
        this.size = size;
        this.memory = aligned(PAGE + 2 * size);
    }

    private static ByteBuffer aligned(int bytes) {
        return ByteBuffer.allocateDirect(bytes + 8)
                .alignedSlice(8)
                .limit(bytes)
                .slice()
                .order(ByteOrder.nativeOrder());
    }

    RingReader reader() {
        return new RingReader(consumer, memory, PAGE, size);
    }

    /** An empty ring at that position, a multiple of 8. */
    void begin(long position) {
        produced = position;
        consumer.putLong(0, position);
        memory.putLong(0, position);
    }

    /** Puts a record out; false if there is no room. */
    boolean put(byte[] record) {
        return put(record, 0);
    }

    boolean discard(int length) {
        return put(new byte[length], 1 << 30);
    }

    boolean busy(int length) {
        return put(new byte[length], 1 << 31);
    }

    private boolean put(byte[] record, int flags) {
        int step = (record.length + 15) & -8;
        if (produced + step - consumer.getLong(0) > size - 1) {
            return false;
        }
        int at = (int) (produced & (size - 1));
        int[] header = {record.length | flags, 0};
        for (int i = 0; i < 8; i++) {
            write(at + i, (byte) (header[i / 4] >> (8 * (i % 4))));
        }
        for (int i = 0; i < record.length; i++) {
            write(at + 8 + i, record[i]);
        }
        produced += step;
        memory.putLong(0, produced);
        return true;
    }

    /** The data is mapped twice: what is written shows in both places. */
    private void write(int at, byte value) {
        memory.put(PAGE + at % size, value);
        memory.put(PAGE + size + at % size, value);
    }

    /** Ends the write of the record that is busy at that position. */
    void commit(long position, int length) {
        int at = (int) (position & (size - 1));
        for (int i = 0; i < 4; i++) {
            write(at + i, (byte) (length >> (8 * i)));
        }
    }
}
