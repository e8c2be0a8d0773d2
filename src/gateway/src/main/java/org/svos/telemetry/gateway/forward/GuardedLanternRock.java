package org.svos.telemetry.gateway.forward;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * Spares a Lantern Rock that is down: many lanes, each trying again in its own time, would still be many requests.
 *
 * <p>Closed until the last {@link #WINDOW} requests have all come to {@link Receipt.Retry}; then open, and lanes are told to
 * come later without being asked; after {@link #OPEN} half open: one request goes through, and its answer closes the circuit or
 * opens it again.
 *
 * <p>One database that is refused must not hold up the others. So it takes all requests to open the circuit, not most; and while it
 * is open, a database that was not refused itself is let through, as if it were the one request: what it delivers closes the
 * circuit.
 *
 * <p>Before a lane reads anything it asks whether it would be let through ({@link #leftInPeace}). Where nothing was taken for {@link
 * #DOWN_NANOS} and {@link #MANY} databases were refused, it is Lantern Rock that is at fault: databases of which nothing is known then
 * find out one in {@link #ASK_NANOS}, not all at once. As seldom are lanes told to try while the circuit is half open, or all
 * that come before the one request is answered would read what they have. A database whose last delivery was taken is never held up.
 */
final class GuardedLanternRock implements LanternRock {

    private static final int WINDOW = 20;
    private static final Duration OPEN = Duration.ofSeconds(1);
    private static final float ALL_PERCENT = 100;
    private static final int MANY = 20;
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long DOWN_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Receipt.Retry LEFT_IN_PEACE =
            new Receipt.Retry("Lantern Rock has not answered well for a while and is left in peace", null);

    private final LanternRock lanternRock;
    /** Databases whose last answer was "later", but for those of before another was taken. */
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    /** Databases whose last answer was not "later". A name stays after its database is removed, until the next start. */
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    /** Databases that were refused since one was taken. */
    private final Set<String> refusedInARow = ConcurrentHashMap.newKeySet();

    private final LongSupplier nanos;
    private final AtomicLong mayAskAt;
    /** When an answer was not "later", or as if it had been long ago. */
    private volatile long takenAt;

    private final CircuitBreaker circuit = CircuitBreaker.of(
            "lantern-rock",
            CircuitBreakerConfig.custom()
                    .slidingWindow(WINDOW, WINDOW, SlidingWindowType.COUNT_BASED)
                    .failureRateThreshold(ALL_PERCENT)
                    .waitDurationInOpenState(OPEN)
                    .permittedNumberOfCallsInHalfOpenState(1)
                    .build());

    GuardedLanternRock(LanternRock lanternRock, MeterRegistry meters) {
        this(lanternRock, meters, System::nanoTime);
    }

    /** One with another clock. */
    GuardedLanternRock(LanternRock lanternRock, MeterRegistry meters, LongSupplier nanos) {
        this.lanternRock = lanternRock;
        this.nanos = nanos;
        mayAskAt = new AtomicLong(nanos.getAsLong());
        takenAt = nanos.getAsLong() - DOWN_NANOS;
        Gauge.builder("telemetry.upstream.circuit.state", this, GuardedLanternRock::state)
                .description("The circuit towards Lantern Rock: 0 closed, 1 half open, 2 open")
                .register(meters);
    }

    @Override
    public Receipt deliver(Delivery delivery) throws InterruptedException {
        if (!circuit.tryAcquirePermission()) {
            return refused.contains(delivery.database()) ? LEFT_IN_PEACE : deliverAllTheSame(delivery);
        }
        long begin = circuit.getCurrentTimestamp();
        Receipt receipt = null;
        try {
            receipt = lanternRock.deliver(delivery);
        } finally {
            if (receipt == null) {
                circuit.releasePermission();
            }
        }
        long took = circuit.getCurrentTimestamp() - begin;
        if (receipt instanceof Receipt.Retry retry) {
            wasRefused(delivery.database());
            circuit.onError(took, TimeUnit.NANOSECONDS, new RetryException(retry.why()));
        } else {
            wasTaken(delivery.database());
            circuit.onSuccess(took, TimeUnit.NANOSECONDS);
        }
        return receipt;
    }

    private Receipt deliverAllTheSame(Delivery delivery) throws InterruptedException {
        Receipt receipt = lanternRock.deliver(delivery);
        if (receipt instanceof Receipt.Retry) {
            wasRefused(delivery.database());
        } else {
            wasTaken(delivery.database());
            refused.clear();
            circuit.transitionToClosedState();
        }
        return receipt;
    }

    private void wasTaken(String database) {
        takenAt = nanos.getAsLong();
        refused.remove(database);
        taken.add(database);
        refusedInARow.clear();
    }

    private void wasRefused(String database) {
        taken.remove(database);
        refused.add(database);
        refusedInARow.add(database);
    }

    /**
     * What a delivery for that database comes to without anybody being asked; null: Lantern Rock is asked, so who asks here goes on to
     * deliver, if there is something.
     */
    Receipt.@Nullable Retry leftInPeace(String database) {
        boolean isTried = circuit.tryAcquirePermission();
        if (isTried) {
            circuit.releasePermission();
        }
        long now = nanos.getAsLong();
        boolean isDown = refusedInARow.size() >= MANY && now - takenAt >= DOWN_NANOS;
        boolean wasRefused = refused.contains(database);
        if (isClosed() || taken.contains(database) || (!wasRefused && !isDown)) {
            return null;
        }
        if (wasRefused && !isTried) {
            return LEFT_IN_PEACE;
        }
        long at = mayAskAt.get();
        return now - at >= 0 && mayAskAt.compareAndSet(at, now + ASK_NANOS) ? null : LEFT_IN_PEACE;
    }

    /** Whether requests go through. */
    boolean isClosed() {
        return circuit.getState() == CircuitBreaker.State.CLOSED;
    }

    private int state() {
        return switch (circuit.getState()) {
            case CLOSED, DISABLED, METRICS_ONLY -> 0;
            case HALF_OPEN -> 1;
            case OPEN, FORCED_OPEN -> 2;
        };
    }

    /** What the breaker wants to hear of an answer that means "later". */
    private static final class RetryException extends Exception {
        RetryException(String why) {
            super(why, null, false, false);
        }
    }
}
