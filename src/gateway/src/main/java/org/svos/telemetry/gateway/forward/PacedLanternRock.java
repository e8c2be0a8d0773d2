package org.svos.telemetry.gateway.forward;

import com.netflix.concurrency.limits.Limit;
import com.netflix.concurrency.limits.limit.AIMDLimit;
import com.netflix.concurrency.limits.limit.Gradient2Limit;
import com.netflix.concurrency.limits.limit.WindowedLimit;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * Finds out how many deliveries at once Lantern Rock takes well.
 *
 * <p>{@code most = min(by latency, by refusal)}, each from 1 to the most that is set, each from what the other cannot see:
 *
 * <ul>
 *   <li>by latency (Gradient2): a window in which answers take half as long again on average as they used to, or longer, shrinks it
 *       by up to a tenth; each other one lets it grow a little;
 *   <li>by refusal (AIMD): a window with a {@link Receipt.Retry} in it — 429, 503, a time-out, no connection — takes a fifth of it;
 *       each other one adds one.
 * </ul>
 *
 * <p>A window is a tenth of a second or longer, until there are ten answers. Neither grows while less than half of it is used. Why these two, see RATIONALE.md.
 */
final class PacedLanternRock implements LanternRock {

    private static final int INITIAL = 16;
    /** Long enough for some answers: twice what the quickest takes, within these bounds. */
    private static final Duration MIN_WINDOW = Duration.ofMillis(100);

    private static final Duration MAX_WINDOW = Duration.ofSeconds(10);
    /** Windows that an answer's time is compared with: a minute of the shortest ones. */
    private static final int LONG_WINDOW = 600;

    private static final double BACKOFF = 0.8;

    private final LanternRock lanternRock;
    private final WindowedLimit byLatency;
    private final WindowedLimit byRefusal;
    private final IntConsumer onChange;
    private final AtomicInteger underWay = new AtomicInteger();
    /** The library takes its first moment for later than 0. */
    private final long epoch = System.nanoTime() - 1;

    private volatile int limit;

    /**
     * One for that Lantern Rock.
     *
     * @param most deliveries at once
     * @param timeout of a request: an answer that takes as long is as good as a refusal
     * @param onChange is told how many at once it is from now on
     */
    PacedLanternRock(LanternRock lanternRock, int most, Duration timeout, IntConsumer onChange, MeterRegistry meters) {
        this.lanternRock = lanternRock;
        this.onChange = onChange;
        int initial = initial(most);
        this.byLatency = inWindows(Gradient2Limit.newBuilder()
                .initialLimit(initial)
                .minLimit(1)
                .maxConcurrency(most)
                .longWindow(LONG_WINDOW)
                .build());
        this.byRefusal = inWindows(AIMDLimit.newBuilder()
                .initialLimit(initial)
                .minLimit(1)
                .maxLimit(most)
                .backoffRatio(BACKOFF)
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .build());
        this.limit = initial;
        Gauge.builder("telemetry.upstream.concurrency.limit", this, paced -> paced.limit)
                .description("Deliveries at once that Lantern Rock is found to take well")
                .register(meters);
        Gauge.builder("telemetry.upstream.in.flight", underWay, AtomicInteger::get)
                .description("Deliveries that wait for Lantern Rock's answer")
                .register(meters);
    }

    /** One by one, each answer of many would count as much as a whole round of them. */
    private static WindowedLimit inWindows(Limit limit) {
        return WindowedLimit.newBuilder()
                .minWindowTime(MIN_WINDOW.toMillis(), TimeUnit.MILLISECONDS)
                .maxWindowTime(MAX_WINDOW.toMillis(), TimeUnit.MILLISECONDS)
                .minRttThreshold(1, TimeUnit.MICROSECONDS)
                .build(limit);
    }

    /** How many at once it is at first, if it may be at most so many. */
    static int initial(int most) {
        return Math.min(INITIAL, most);
    }

    @Override
    public Receipt deliver(Delivery delivery) throws InterruptedException {
        int with = underWay.incrementAndGet();
        long began = System.nanoTime();
        try {
            Receipt receipt = lanternRock.deliver(delivery);
            learn(began - epoch, System.nanoTime() - began, with, receipt instanceof Receipt.Retry);
            return receipt;
        } finally {
            underWay.decrementAndGet();
        }
    }

    private void learn(long began, long took, int with, boolean refused) {
        // The time of a refusal tells nothing of how long a delivery takes.
        if (!refused) {
            byLatency.onSample(began, took, with, false);
        }
        byRefusal.onSample(began, took, with, refused);
        int now = Math.min(byLatency.getLimit(), byRefusal.getLimit());
        if (now != limit) {
            limit = now;
            onChange.accept(now);
        }
    }

    /** Deliveries at once. */
    int limit() {
        return limit;
    }
}
