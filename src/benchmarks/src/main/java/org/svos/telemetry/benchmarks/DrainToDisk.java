package org.svos.telemetry.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.svos.telemetry.benchmarks.DrainRing.Paced;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.capture.Rounds;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.ring.RingMapping;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.spool.SpoolFault;

/**
 * The host loader's own way from the ring to the disk ({@link Rounds}): records become JSON in a batch a sandbox, compressed,
 * in an SQLite file, with a sync at the end of each round. First as fast as it goes, each time from a full ring; then while
 * another CPU emits at a fixed rate and does not wait. Beside the second a reader in C that only touches the records.
 */
public final class DrainToDisk {

    private static final int RING_BYTES = 8 << 20;
    private static final int[] PAYLOADS = {24, 256, 1024};
    private static final int SMALLEST = PAYLOADS[0];
    private static final long SPOOL_BYTES = 8L << 30;
    private static final long IDLE_NANOS = 1_000_000;

    /** As in the packaged config.yaml. */
    private static final Config.Batching BATCHING = new Config.Batching(Duration.ofMillis(500), 1000, 256 * 1024);

    private static final Host HOST = new Host("0123456789abcdef", "bench", "boot-1", "6.1.0", "1.0.0");
    private static final KernelCounts NO_COUNTS = new KernelCounts(Map.of());
    private static final HostLoss NO_LOSS = new HostLoss(0, 0, 0, 0, 0);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final DrainRing ring;
    private final RingMapping mapping;
    private final Path folder;
    private long ringId;

    private DrainToDisk(DrainRing ring, RingMapping mapping, Path folder) {
        this.ring = ring;
        this.mapping = mapping;
        this.folder = folder;
    }

    /** What one run came to. */
    private record Run(long events, long nanoseconds, long cpuNanoseconds) {

        long perSecond() {
            return events * 1_000_000_000L / nanoseconds;
        }

        long perCpuSecond() {
            return events * 1_000_000_000L / cpuNanoseconds;
        }
    }

    /**
     * Prints the tables.
     *
     * @param arguments the folder of libdrain.so and fill.bpf.o, a folder on a disk, events to measure, events a second,
     *     seconds
     */
    public static void main(String[] arguments) throws BpfFault, SpoolFault {
        Path natives = Path.of(arguments[0]).toAbsolutePath();
        long events = Long.parseLong(arguments[2]);
        long rate = Long.parseLong(arguments[3]);
        int seconds = Integer.parseInt(arguments[4]);
        try (DrainRing ring = new DrainRing(natives, RING_BYTES);
                RingMapping mapping = RingMapping.map(ring.descriptor(), RING_BYTES)) {
            DrainToDisk bench = new DrainToDisk(ring, mapping, Path.of(arguments[1]));
            System.out.println(
                    "| payload, bytes | events | on disk a second | a second of CPU | bytes on disk, each |");
            System.out.println("|---|---|---|---|---|");
            for (int payload : PAYLOADS) {
                bench.full(payload, events);
            }
            System.out.println();
            System.out.println("| reader | emitted a second | taken | dropped | CPU of a core |");
            System.out.println("|---|---|---|---|---|");
            bench.pacedToDisk(rate, seconds);
            bench.pacedTouch(rate, seconds);
        }
    }

    /** From a full ring, again and again; the filling is not timed. The first half is warm-up. */
    private void full(int payload, long events) throws SpoolFault {
        try (Spool spool = open("full-" + payload);
                Rounds rounds = new Rounds(++ringId, mapping, spool, BATCHING, HOST)) {
            run(rounds, payload, events / 2);
            Run run = run(rounds, payload, events);
            if (spool.events() != spool.settled().taken()) {
                throw new IllegalStateException(spool.settled() + " and in the spool " + spool.events());
            }
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %d | %d | %d | %d |%n",
                    payload,
                    run.events(),
                    run.perSecond(),
                    run.perCpuSecond(),
                    spool.bytes() / spool.events());
        }
    }

    private Run run(Rounds rounds, int payload, long events) throws SpoolFault {
        long done = 0;
        long took = 0;
        long cpu = 0;
        while (done < events) {
            done += ring.fill(payload);
            long cpuBegan = THREADS.getCurrentThreadCpuTime();
            long began = System.nanoTime();
            while (rounds.hasMore()) {
                rounds.drain();
                rounds.commit(NO_COUNTS, NO_LOSS);
            }
            took += System.nanoTime() - began;
            cpu += THREADS.getCurrentThreadCpuTime() - cpuBegan;
        }
        return new Run(done, took, cpu);
    }

    private void pacedToDisk(long rate, int seconds) throws SpoolFault {
        try (Spool spool = open("paced");
                Rounds rounds = new Rounds(++ringId, mapping, spool, BATCHING, HOST)) {
            long cpuBegan = THREADS.getCurrentThreadCpuTime();
            ring.pace(rate, seconds, SMALLEST, 1);
            while (ring.isPacing() || rounds.hasMore()) {
                boolean any = rounds.drain();
                if (rounds.isOver()) {
                    rounds.commit(NO_COUNTS, NO_LOSS);
                } else if (!any) {
                    LockSupport.parkNanos(IDLE_NANOS);
                }
            }
            rounds.commit(NO_COUNTS, NO_LOSS);
            long cpu = THREADS.getCurrentThreadCpuTime() - cpuBegan;
            Paced paced = ring.paced();
            if (spool.events() != paced.written()) {
                throw new IllegalStateException(paced + ", on disk " + spool.events());
            }
            row("the host loader, to disk", rate, seconds, paced, cpu);
        }
    }

    private void pacedTouch(long rate, int seconds) {
        long cpuBegan = THREADS.getCurrentThreadCpuTime();
        ring.pace(rate, seconds, SMALLEST, 1);
        long read = 0;
        while (ring.isPacing()) {
            read += ring.byMapping().records();
            LockSupport.parkNanos(IDLE_NANOS);
        }
        read += ring.byMapping().records();
        long cpu = THREADS.getCurrentThreadCpuTime() - cpuBegan;
        Paced paced = ring.paced();
        if (read != paced.written()) {
            throw new IllegalStateException(paced + ", read " + read);
        }
        row("C, touching the records", rate, seconds, paced, cpu);
    }

    private static void row(String reader, long rate, int seconds, Paced paced, long cpu) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %d | %d | %d | %d %% |%n",
                reader,
                rate,
                paced.written(),
                paced.dropped(),
                cpu / (seconds * 10_000_000L));
    }

    private Spool open(String name) throws SpoolFault {
        return Spool.open(
                folder.resolve(name + ".db"), "boot-1", new Config.SpoolBounds(SPOOL_BYTES, Duration.ofDays(14)));
    }
}
