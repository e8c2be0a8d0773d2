package org.svos.telemetry.loader.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RingReaderTest {

    private final RingMemory ring = new RingMemory(4096);
    private final RingReader reader = ring.reader();
    private final List<String> taken = new ArrayList<>();
    private final RecordSink sink = (memory, offset, length) -> {
        byte[] bytes = new byte[length];
        memory.get(offset, bytes);
        taken.add(new String(bytes, StandardCharsets.UTF_8));
    };

    private void put(String record) {
        assertThat(ring.put(record.getBytes(StandardCharsets.UTF_8))).isTrue();
    }

    @Test
    void recordsComeInTheirOrderAndDiscardedOnesAreSkipped() {
        put("a");
        ring.discard(100);
        put("bb");

        assertThat(reader.read(sink, 10)).isEqualTo(2);

        assertThat(taken).containsExactly("a", "bb");
        assertThat(reader.hasMore()).isFalse();
    }

    @Test
    void aBusyRecordHoldsUpWhatIsBehindItUntilItIsWritten() {
        put("a");
        ring.busy(4);
        put("c");

        assertThat(reader.read(sink, 10)).isEqualTo(1);
        assertThat(reader.hasMore()).isTrue();
        ring.commit(16, 4);
        assertThat(reader.read(sink, 10)).isEqualTo(2);
        assertThat(taken).hasSize(3).endsWith("c");
    }

    @Test
    void theNextReaderGoesOnBehindWhatIsOnDiskThoughItWasNeverReleased() {
        put("on disk");
        put("not on disk");
        put("not read");
        reader.read(sink, 1);
        long onDisk = reader.position();
        reader.read(sink, 1);
        taken.clear();

        RingReader next = ring.reader();
        next.goOn(onDisk);
        next.read(sink, 10);

        assertThat(taken).containsExactly("not on disk", "not read");
        assertThat(ring.consumer.getLong(0)).isEqualTo(onDisk);
    }

    @Test
    void aPositionThatTheRingCannotHaveHadIsNotBelieved() {
        put("a");
        reader.read(sink, 1);
        reader.release();
        put("b");
        put("c");

        for (long position : new long[] {0, 8, 1 << 20, -16, Long.MAX_VALUE}) {
            taken.clear();
            RingReader next = ring.reader();
            next.goOn(position);
            next.read(sink, 10);
            assertThat(taken).as("from " + position).containsExactly("b", "c");
        }
    }

    @Test
    void theKernelGetsNothingBackBeforeItIsReleased() {
        put("a");
        reader.read(sink, 10);

        assertThat(ring.consumer.getLong(0)).isZero();
        assertThat(reader.unreleased()).isEqualTo(16);
        reader.release();
        assertThat(ring.consumer.getLong(0)).isEqualTo(16);
        assertThat(reader.unreleased()).isZero();
    }

    @Test
    void aNewReaderBeginsWhereTheLastOneReleased() {
        put("a");
        reader.read(sink, 10);
        reader.release();
        put("b");
        reader.read(sink, 10);

        ring.reader().read(sink, 10);

        assertThat(taken).containsExactly("a", "b", "b");
    }

    @Test
    void atMostSoManyAreReadAtOnce() {
        put("a");
        put("b");

        assertThat(reader.read(sink, 1)).isEqualTo(1);
        assertThat(reader.read(sink, 1)).isEqualTo(1);
        assertThat(reader.read(sink, 1)).isZero();
    }

    @Property(tries = 200)
    void aRingThatWrapsManyTimesLosesAndInventsNothing(
            @ForAll @Size(min = 1, max = 300) List<@IntRange(min = 0, max = 900) Integer> lengths) {
        RingMemory small = new RingMemory(4096);
        RingReader smallReader = small.reader();
        Deque<Integer> expected = new ArrayDeque<>();
        RecordSink checking = (memory, offset, length) -> {
            assertThat(length).isEqualTo(expected.removeFirst());
            for (int i = 0; i < length; i++) {
                assertThat(memory.get(offset + i)).isEqualTo((byte) length);
            }
        };
        for (int length : lengths) {
            byte[] record = new byte[length];
            Arrays.fill(record, (byte) length);
            while (!small.put(record)) {
                smallReader.read(checking, 3);
                smallReader.release();
            }
            expected.addLast(length);
        }
        while (smallReader.read(checking, 3) > 0) {
            smallReader.release();
        }
        assertThat(expected).isEmpty();
        assertThat(smallReader.givenUp()).isZero();
    }

    @Property(tries = 2000)
    void hostileMemoryNeitherLeadsOutNorHoldsForEver(
            @ForAll @Size(max = 200) byte[] data, @ForAll long produced, @ForAll @IntRange(max = 3) int ahead) {
        RingMemory hostile = new RingMemory(4096);
        hostile.memory.put(RingMemory.PAGE, data);
        RingReader victim = hostile.reader();
        for (long position : new long[] {data.length, produced, ahead * 8L, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            hostile.memory.putLong(0, position);
            int[] bytes = new int[1];
            for (int round = 0; round < 10; round++) {
                victim.read(
                        (memory, offset, length) -> {
                            bytes[0] += length;
                            if (length > 0) {
                                memory.get(offset);
                                memory.get(offset + length - 1);
                            }
                        },
                        1000);
                victim.release();
            }
            assertThat(bytes[0]).isLessThanOrEqualTo(4096);
        }
    }
}
