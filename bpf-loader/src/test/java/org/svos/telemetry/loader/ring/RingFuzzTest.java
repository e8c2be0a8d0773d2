package org.svos.telemetry.loader.ring;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;

/**
 * A ring whose memory says whatever it likes, and another thing at the next look: the reader stays within the mapping, comes
 * to an end, makes nothing on the heap, and sound records that come afterwards are read.
 */
class RingFuzzTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What the checks themselves and the fuzzer's hooks may make for one read. */
    private static final long MOST_ALLOCATED = 64 * 1024;

    private static final int MOST_STEPS = 200;

    @FuzzTest
    void whateverTheMemorySaysReadingStaysWithinItAndEnds(FuzzedDataProvider input) {
        RingMemory ring = new RingMemory(4096 << input.consumeInt(0, 2));
        RingReader reader = ring.reader();
        Checking sink = new Checking(ring);
        for (int step = 0; step < MOST_STEPS && input.remainingBytes() > 0; step++) {
            switch (input.consumeInt(0, 7)) {
                case 0 -> scribble(ring.memory, input);
                case 1 -> ring.memory.putLong(0, input.consumeLong());
                case 2 -> ring.memory.putLong(0, reader.position() + input.consumeInt(-8, ring.size + 8));
                case 3 -> ring.put(input.consumeBytes(input.consumeInt(0, 600)));
                case 4 -> ring.busy(input.consumeInt(0, 600));
                case 5 -> reader.release();
                case 6 -> {
                    reader = ring.reader();
                    reader.goOn(input.consumeLong());
                }
                default -> read(reader, sink, input.consumeInt(1, 1000));
            }
        }
        readsWhatIsSound(ring, reader);
    }

    private static void scribble(ByteBuffer memory, FuzzedDataProvider input) {
        int at = RingMemory.PAGE + input.consumeInt(0, memory.capacity() - RingMemory.PAGE - 1);
        byte[] bytes = input.consumeBytes(input.consumeInt(0, 64));
        memory.put(at, bytes, 0, Math.min(bytes.length, memory.capacity() - at));
    }

    private static void read(RingReader reader, Checking sink, int most) {
        sink.begin();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        int taken = reader.read(sink, most);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(taken).isEqualTo(sink.records).isLessThanOrEqualTo(most);
        assertThat(sink.bytes).as("bytes of a ring of " + sink.ring.size).isLessThanOrEqualTo(sink.ring.size);
        assertThat(allocated).as("bytes allocated for a read").isLessThan(MOST_ALLOCATED);
    }

    /** Whatever was before: from where the ring is now, records are read again. */
    private static void readsWhatIsSound(RingMemory ring, RingReader reader) {
        ring.begin(reader.position() & -8L & Long.MAX_VALUE >> 1);
        RingReader next = ring.reader();
        assertThat(ring.put(new byte[] {1, 2, 3})).isTrue();
        assertThat(next.read((memory, offset, length) -> assertThat(length).isEqualTo(3), 10))
                .isOne();
        assertThat(next.hasMore()).isFalse();
    }

    /** Looks at every byte that it is given. */
    private static final class Checking implements RecordSink {

        private final RingMemory ring;
        private int records;
        private long bytes;
        private long sum;

        Checking(RingMemory ring) {
            this.ring = ring;
        }

        void begin() {
            records = 0;
            bytes = 0;
        }

        @Override
        public void take(ByteBuffer memory, int offset, int length) {
            records++;
            bytes += length;
            for (int i = 0; i < length; i++) {
                sum += memory.get(offset + i);
            }
        }

        @Override
        public String toString() {
            return records + " records, sum " + sum;
        }
    }
}
