package org.svos.telemetry.benchmarks;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.svos.telemetry.benchmarks.DrainRing.Drained;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.ring.RecordSink;
import org.svos.telemetry.loader.ring.RingMapping;
import org.svos.telemetry.loader.ring.RingReader;

/**
 * Nanoseconds a record that the host loader's ring reader takes, beside a reader in C over the same mapping and beside
 * libbpf's callback. A BPF program fills the ring; a reader empties it; the readers take turns, on one ring. Each reader
 * touches every record: sequence number, kind and the three lengths go into a checksum.
 */
public final class Drain {

    /** The host loader's default. */
    private static final int RING_BYTES = 8 << 20;

    private static final int[] PAYLOADS = {24, 256, 1024};

    private Drain() {}

    /**
     * Prints the table.
     *
     * @param arguments the folder of libdrain.so and fill.bpf.o, rounds to warm up, rounds to measure
     */
    public static void main(String[] arguments) throws BpfFault {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        int warmUp = Integer.parseInt(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        System.out.println("| payload, bytes | reader | ns a record: median (range) | records a round |");
        System.out.println("|---|---|---|---|");
        try (DrainRing ring = new DrainRing(folder, RING_BYTES);
                RingMapping mapping = RingMapping.map(ring.descriptor(), RING_BYTES)) {
            for (int payload : PAYLOADS) {
                requireSameRecords(ring, mapping, payload);
                measure(ring, mapping, payload, warmUp, rounds);
            }
        }
    }

    /** The reader under test and the one in C see the same records: the first does not release what it read. */
    private static void requireSameRecords(DrainRing ring, RingMapping mapping, int payload) {
        long written = ring.fill(payload);
        Touch touch = new Touch();
        int read = new RingReader(mapping).read(touch, Integer.MAX_VALUE);
        Drained again = ring.byMapping();
        if (read != written || again.records() != written || again.checksum() != touch.checksum) {
            throw new IllegalStateException("%d records were written, Java read %d (checksum %d), C %d (checksum %d)"
                    .formatted(written, read, touch.checksum, again.records(), again.checksum()));
        }
    }

    private static void measure(DrainRing ring, RingMapping mapping, int payload, int warmUp, int rounds) {
        Contender[] contenders = {
            new Contender("Java, the host loader's RingReader", () -> byRingReader(mapping)),
            new Contender("C, mapping", ring::byMapping),
            new Contender("C, libbpf's callback", ring::byLibbpf)
        };
        for (int round = 0; round < warmUp + rounds; round++) {
            for (Contender contender : contenders) {
                long written = ring.fill(payload);
                Drained drained = contender.reader.get();
                if (drained.records() != written) {
                    throw new IllegalStateException(contender.name + " read " + drained.records() + " of " + written);
                }
                if (round >= warmUp) {
                    contender.add(drained);
                }
            }
        }
        for (Contender contender : contenders) {
            System.out.println("| " + payload + " | " + contender.row() + " |");
        }
    }

    private static Drained byRingReader(RingMapping mapping) {
        // A new one each time: the others have moved the consumer's position since.
        RingReader reader = new RingReader(mapping);
        Touch touch = new Touch();
        long began = System.nanoTime();
        int records = 0;
        for (int read; (read = reader.read(touch, Integer.MAX_VALUE)) > 0; ) {
            records += read;
        }
        reader.release();
        return new Drained(records, System.nanoTime() - began, touch.checksum);
    }

    /** The same five fields of {@code struct telemetry_record} as in {@code drain.c}. */
    private static final class Touch implements RecordSink {

        private long checksum;

        @Override
        public void take(ByteBuffer memory, int offset, int length) {
            checksum += memory.getLong(offset + 8)
                    + memory.get(offset + 28)
                    + memory.getShort(offset + 30)
                    + memory.getShort(offset + 32)
                    + memory.getShort(offset + 34);
        }
    }

    private static final class Contender {

        private final String name;
        private final Supplier<Drained> reader;
        private final List<Drained> results = new ArrayList<>();

        Contender(String name, Supplier<Drained> reader) {
            this.name = name;
            this.reader = reader;
        }

        void add(Drained drained) {
            results.add(drained);
        }

        String row() {
            double[] each = results.stream()
                    .mapToDouble(drained -> (double) drained.nanoseconds() / drained.records())
                    .toArray();
            Arrays.sort(each);
            return String.format(
                    Locale.ROOT,
                    "%s | %.1f (%.1f–%.1f) | %d",
                    name,
                    each[each.length / 2],
                    each[0],
                    each[each.length - 1],
                    results.getFirst().records());
        }
    }
}
