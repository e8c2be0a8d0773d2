package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.TelemetryRecord;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;

/** How many deliveries at once: against Lantern Rocks that take a few well, and not more. */
class PacedLanternRockTest {

    private static final int MOST = 64;
    private static final Delivery DELIVERY = new Delivery(
            "lab",
            "k",
            "00000000-1111-2222-3333-444444444444",
            null,
            null,
            List.of(),
            List.of(new TelemetryRecord(
                    "m", 1, 0, new Segments("message", 1, null, null, null, null), Instant.EPOCH, null, "{}")));

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Semaphore queue = new Semaphore(1);
    private volatile boolean slow;
    private final Capacity capacity = new Capacity(MOST, PacedLanternRock.initial(MOST), 1 << 20, System::nanoTime);

    @Test
    void manyAtOnceGoToALanternRockThatTakesThem() throws Exception {
        PacedLanternRock paced = paced(_ -> {
            Thread.sleep(2);
            return new Receipt.Delivered();
        });
        for (int i = 0; i < 60 && paced.limit() < 32; i++) {
            load(paced, Duration.ofMillis(250));
        }
        assertThat(paced.limit()).isGreaterThanOrEqualTo(32);
        assertThat(meters.get("telemetry.upstream.concurrency.limit").gauge().value())
                .isEqualTo(paced.limit());
    }

    @Test
    void oneThatRefusesMoreThanEightAtOnceIsAskedForAboutEight() throws Exception {
        var underWay = new AtomicInteger();
        var refusals = new AtomicInteger();
        PacedLanternRock paced = paced(_ -> {
            try {
                Thread.sleep(2);
                if (underWay.incrementAndGet() > 8) {
                    refusals.incrementAndGet();
                    return new Receipt.Retry("status 429", null);
                }
                Thread.sleep(2);
                return new Receipt.Delivered();
            } finally {
                underWay.decrementAndGet();
            }
        });
        load(paced, Duration.ofSeconds(2));
        refusals.set(0);
        int asked = load(paced, Duration.ofSeconds(1));
        assertThat(refusals.get()).as("refusals of %s", asked).isLessThan(asked / 4);
    }

    @Test
    void oneThatGetsSlowerTheMoreItIsAskedIsAskedForLess() throws Exception {
        PacedLanternRock paced = paced(_ -> {
            Thread.sleep(2);
            return new Receipt.Delivered();
        });
        for (int i = 0; i < 60 && paced.limit() < 24; i++) {
            load(paced, Duration.ofMillis(250));
        }
        int before = paced.limit();
        slow = true;
        for (int i = 0; i < 20 && paced.limit() > before / 2; i++) {
            load(paced, Duration.ofMillis(500));
        }
        assertThat(paced.limit()).isLessThanOrEqualTo(before / 2);
    }

    @Test
    void oneThatIsDownIsAskedForFewAtATimeAndAfterwardsForMoreAgain() throws Exception {
        var isDown = new AtomicBoolean(true);
        PacedLanternRock paced = paced(_ -> {
            Thread.sleep(1);
            return isDown.get() ? new Receipt.Retry("status 503", null) : new Receipt.Delivered();
        });
        for (int i = 0; i < 60 && paced.limit() > 2; i++) {
            load(paced, Duration.ofMillis(250));
        }
        assertThat(paced.limit()).isLessThanOrEqualTo(2);
        isDown.set(false);
        for (int i = 0; i < 60 && paced.limit() < 8; i++) {
            load(paced, Duration.ofMillis(250));
        }
        assertThat(paced.limit()).isGreaterThanOrEqualTo(8);
    }

    /** While it is slow, one at a time is at work for 5 ms, and the others wait. */
    private PacedLanternRock paced(LanternRock lanternRock) {
        return new PacedLanternRock(
                delivery -> {
                    if (slow) {
                        queue.acquire();
                        try {
                            Thread.sleep(5);
                        } finally {
                            queue.release();
                        }
                    }
                    return lanternRock.deliver(delivery);
                },
                MOST,
                Duration.ofSeconds(30),
                capacity::deliveries,
                meters);
    }

    /** As much as capacity gives, for so long; how many deliveries. */
    private int load(PacedLanternRock paced, Duration duration) throws InterruptedException {
        var asked = new AtomicInteger();
        long end = System.nanoTime() + duration.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                var share = new Capacity.Share();
                try {
                    while (System.nanoTime() - end < 0) {
                        try (var _ = capacity.delivery(share)) {
                            asked.incrementAndGet();
                            paced.deliver(DELIVERY);
                        }
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return asked.get();
    }
}
