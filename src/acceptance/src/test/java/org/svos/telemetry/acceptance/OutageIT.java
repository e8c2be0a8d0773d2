package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway that is away for ten minutes while a host emits 100 events a second, with the time until it is back compressed:
 * all of the host's times are a fiftieth, so that as many batches wait as would have waited. What comes after is not.
 */
class OutageIT {

    private static final Duration OUTAGE = Duration.ofMinutes(10);
    private static final int COMPRESSED = 50;
    private static final int EVENTS_A_SECOND = 100;

    /** The example makes five calls besides its messages. */
    private static final int CALLS_A_STEP = 500;

    private static final int STEPS = (int) OUTAGE.toSeconds() * EVENTS_A_SECOND / CALLS_A_STEP;
    private static final Duration STEP = OUTAGE.dividedBy((long) COMPRESSED * STEPS);

    /** Ten times as fast as they came, though the gateway has just been started. */
    private static final Duration DRAIN = OUTAGE.dividedBy(10);

    private static final double MOST_GROWTH_MIB = 12;

    @TempDir
    private Path folder;

    @Test
    void afterTenMinutesWithoutTheGatewayEveryEventArrivesOnceAndSoonAndMemoryIsWhatItWas() throws Exception {
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(folder, lanternRock)) {
            Registered database = gateway.register("outage", "\"size\": \"large\"");
            Map<String, String> times = Map.of(
                    "TELEMETRY_HOST_BATCH_MAX_AGE", "10ms",
                    "TELEMETRY_HOST_UPLOAD_FIRST_PAUSE", "10ms",
                    "TELEMETRY_HOST_UPLOAD_LONGEST_PAUSE", "1200ms");
            try (HostLoader loader = new HostLoader(folder, database, times)) {
                // Before it, for the memory of one that is at work.
                emit(loader, database, STEPS / 10);
                awaitDelivered(gateway, events(STEPS / 10));

                gateway.kill();
                double before = loader.residentMib();
                double most = emit(loader, database, STEPS);
                assertThat(loader.status()).contains("gateway.url");
                gateway.startAgain();
                long back = System.nanoTime();
                long all = events(STEPS + STEPS / 10);
                most = Math.max(most, awaitAccepted(loader, all));
                Duration drained = Duration.ofNanos(System.nanoTime() - back);
                System.out.printf(
                        "outage: %d events of %d s drained in %.1f s; resident %.1f MiB before, %.1f at most%n",
                        events(STEPS), OUTAGE.toSeconds(), drained.toMillis() / 1000.0, before, most);

                assertThat(drained).isLessThan(DRAIN);
                assertThat(most).as("MiB resident").isLessThan(before + MOST_GROWTH_MIB);
                awaitDelivered(gateway, all);
                assertThat(lanternRock.records("outage"))
                        .extracting(record -> record.path("seq").asLong())
                        .isEqualTo(LongStream.rangeClosed(1, all).boxed().toList());
                assertThat(HostLedger.of(loader.stop())).isEqualTo(HostLedger.allAccepted(all));
            }
            assertThat(gateway.ledger("outage").path("sequenceGaps").asLong()).isZero();
            assertThat(gateway.ledger("outage").path("imbalance").asLong()).isZero();
        }
    }

    private static long events(int steps) {
        return (long) steps * CALLS_A_STEP;
    }

    /** Emits evenly for so many steps; the most that was resident meanwhile. */
    private static double emit(HostLoader loader, Registered database, int steps) throws InterruptedException {
        double most = 0;
        long began = System.nanoTime();
        for (int step = 1; step <= steps; step++) {
            loader.runExample(CALLS_A_STEP - 5, database.sandbox());
            most = Math.max(most, loader.residentMib());
            long early = began + STEP.multipliedBy(step).toNanos() - System.nanoTime();
            Thread.sleep(Math.max(0, early / 1_000_000));
        }
        return most;
    }

    /** Waits until the gateway has taken all that was emitted; the most that was resident meanwhile. */
    private static double awaitAccepted(HostLoader loader, long events) {
        double[] most = {0};
        Eventually.within(DRAIN.multipliedBy(2), () -> {
            most[0] = Math.max(most[0], loader.residentMib());
            assertThat(loader.status()).contains("accepted " + events + ", rejected 0, waiting 0, lost 0");
        });
        return most[0];
    }

    private static void awaitDelivered(Gateway gateway, long events) {
        Eventually.within(
                Duration.ofSeconds(60),
                () -> assertThat(gateway.ledger("outage").path("delivered").asLong())
                        .isEqualTo(events));
    }
}
