package org.svos.telemetry.loader.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads records where they lie. The only reader of its ring, and for one thread.
 *
 * <p>There are two positions. The read position says what the sink has taken; the released one, which the kernel sees,
 * what it may write over. Between the two lies what has been read but is not on disk yet.
 *
 * <pre>
 *   a record:  u32 length, bit 31 busy, bit 30 discarded | u32 of the kernel's | the bytes | padding to a multiple of 8
 * </pre>
 *
 * <p>The memory is not trusted: whatever it says, a reader neither leaves the mapping nor loops for ever. A record that
 * reaches beyond what was produced, or beyond the mapping, cannot be stepped over, so everything up to the producer's position is given up and
 * counted, and reading goes on from there.
 */
public final class RingReader {

    private static final int HEADER_BYTES = 8;
    private static final int DISCARDED = 1 << 30;
    private static final int ALIGNMENT = 8;

    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final ByteBuffer consumer;
    private final ByteBuffer memory;
    private final int data;
    private final int size;
    private long position;
    private long released;
    private long givenUp;

    /** A reader that begins where the ring's last reader released. */
    public RingReader(RingMapping mapping) {
        this(
                mapping.consumerPage(),
                mapping.producerPageAndData(),
                mapping.consumerPage().capacity(),
                mapping.dataBytes());
    }

    /**
     * A reader that begins where the ring's last reader had put everything on disk, be it that it died before it could
     * release it.
     *
     * @param kept the {@link #position()} up to which all is on disk; one that the ring cannot have had is not believed
     */
    public RingReader(RingMapping mapping, long kept) {
        this(mapping);
        goOn(kept);
    }

    /** The memory is the producer's page, then the data, then as much of its begin again as a record can reach into. */
    RingReader(ByteBuffer consumer, ByteBuffer memory, int pageBytes, int dataBytes) {
        this.consumer = consumer;
        this.memory = memory;
        this.size = dataBytes;
        this.data = pageBytes;
        this.position = (long) LONG.getAcquire(consumer, 0);
        this.released = position;
    }

    void goOn(long kept) {
        long produced = (long) LONG.getAcquire(memory, 0);
        if (kept - position > 0 && kept - position <= produced - position) {
            position = kept;
            release();
        }
    }

    /** Up to where the ring was read, in bytes since it began. */
    public long position() {
        return position;
    }

    /**
     * Hands the records that are there to the sink, at most so many.
     *
     * @return how many it took
     */
    public int read(RecordSink sink, int most) {
        long produced = (long) LONG.getAcquire(memory, 0);
        long available = produced - position;
        if (available < 0 || available > size || ((produced | position) & (ALIGNMENT - 1)) != 0) {
            giveUp(produced);
            return 0;
        }
        int taken = 0;
        while (taken < most && position < produced) {
            int at = data + (int) (position & (size - 1));
            int header = (int) INT.getAcquire(memory, at);
            if (header < 0) {
                break; // Busy: the kernel is still writing it.
            }
            int length = header & ~DISCARDED;
            long step = (length + HEADER_BYTES + ALIGNMENT - 1L) & -ALIGNMENT;
            if (step > produced - position || length > memory.capacity() - at - HEADER_BYTES) {
                giveUp(produced);
                break;
            }
            position += step;
            if ((header & DISCARDED) == 0) {
                taken++;
                sink.take(memory, at + HEADER_BYTES, length);
            }
        }
        return taken;
    }

    private void giveUp(long produced) {
        long next = produced & -ALIGNMENT;
        givenUp += Math.max(1, Math.min(size, Math.abs(next - position)));
        position = next;
    }

    /** Whether the ring has more than was read, be it busy still. */
    public boolean hasMore() {
        return (long) LONG.getAcquire(memory, 0) != position;
    }

    /** Bytes of the ring that were read and are not released. */
    public long unreleased() {
        return position - released;
    }

    /** Gives everything that was read back to the kernel. */
    public void release() {
        // A full fence: the kernel wakes a waiter only if it sees that the reader had caught up.
        LONG.setVolatile(consumer, 0, position);
        released = position;
    }

    /** Bytes given up because the ring's memory made no sense; 0 or a defect. */
    public long givenUp() {
        return givenUp;
    }
}
