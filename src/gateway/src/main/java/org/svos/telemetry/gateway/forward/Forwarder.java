package org.svos.telemetry.gateway.forward;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Runs the lanes. A lane has a virtual thread while something waits in it, from the commit that put it there until all is
 * delivered; at the start every registered database's has one, to look.
 *
 * <p>A stop lets each lane finish the delivery it is at, up to a deadline; then it is broken off, and goes out again, under the
 * same key, after the next start.
 */
final class Forwarder implements SmartLifecycle, Lanes, Tenure.LaneKeeper {

    private static final Logger log = LoggerFactory.getLogger(Forwarder.class);
    private static final Duration BREAK_OFF = Duration.ofSeconds(2);

    private final Forwarding shared;
    private final Supplier<? extends Iterable<Long>> databases;
    private final Duration stopWithin;
    private final Map<Long, Carrier> carriers = new ConcurrentHashMap<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("lane-", 0).factory());
    private volatile boolean running;

    /**
     * A forwarder.
     *
     * @param databases keys of all that are registered
     * @param stopWithin how long a stop waits for deliveries under way
     */
    Forwarder(
            Forwarding shared,
            Supplier<? extends Iterable<Long>> databases,
            Duration stopWithin,
            MeterRegistry meters) {
        this.shared = shared;
        this.databases = databases;
        this.stopWithin = stopWithin;
        for (LaneStatus.State state : LaneStatus.State.values()) {
            Gauge.builder("telemetry.lanes", this, forwarder -> forwarder.lanes(state))
                    .description(
                            "Lanes of databases by how it goes; parked: somebody has to mend the way to Lantern Rock")
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
    }

    private long lanes(LaneStatus.State state) {
        return carriers.values().stream()
                .filter(carrier -> carrier.lane.status().state() == state
                        && shared.tenure().holds(carrier.databaseId))
                .count();
    }

    @Override
    public void start() {
        shared.spool().onAppend(this::appended);
        shared.deadLetters().onReplay(this::wakeIfHeld);
        running = true;
        shared.tenure().start(this);
        databases.get().forEach(this::wakeIfHeld);
    }

    private void appended(long databaseId) {
        if (shared.tenure().holds(databaseId)) {
            wake(databaseId);
        } else {
            shared.tenure().appended(databaseId);
        }
    }

    private void wakeIfHeld(long databaseId) {
        if (shared.tenure().holds(databaseId)) {
            wake(databaseId);
        }
    }

    @Override
    public void wake(long databaseId) {
        carriers.computeIfAbsent(databaseId, Carrier::new).wake();
    }

    @Override
    public void leave(long databaseId) {
        Carrier carrier = carriers.get(databaseId);
        if (carrier != null) {
            carrier.rouse();
        }
    }

    @Override
    public boolean isResting(long databaseId) {
        Carrier carrier = carriers.get(databaseId);
        return carrier == null || carrier.wakes.get() == 0;
    }

    @Override
    public LaneStatus statusHere(long databaseId) {
        Carrier carrier = carriers.get(databaseId);
        return carrier == null ? LaneStatus.OPEN : carrier.lane.status();
    }

    @Override
    public LaneStatus status(long databaseId) {
        LaneStatus told =
                shared.tenure().holds(databaseId) ? null : shared.tenure().told(databaseId);
        return told == null ? statusHere(databaseId) : told;
    }

    @Override
    public void stop() {
        running = false;
        stopping.countDown();
        carriers.values().forEach(Carrier::rouse);
        threads.shutdown();
        try {
            if (!threads.awaitTermination(stopWithin.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("Deliveries that were not answered within {} go out again after the next start", stopWithin);
                threads.shutdownNow();
                threads.awaitTermination(BREAK_OFF.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
        shared.tenure().close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the web server starts, and after it has stopped: what it takes on its last breath is still seen. */
    @Override
    public int getPhase() {
        return 0;
    }

    /** A lane and its thread, if it has one. */
    private final class Carrier implements Runnable {

        private final long databaseId;
        private final Lane lane;

        /** Wakes since the thread last looked; 0 while there is no thread. */
        private final AtomicInteger wakes = new AtomicInteger();

        /** That carries, or did last. */
        private volatile @Nullable Thread thread;

        Carrier(Long databaseId) {
            this.databaseId = databaseId;
            this.lane = new Lane(databaseId, shared);
        }

        void wake() {
            if (wakes.getAndIncrement() == 0) {
                try {
                    threads.execute(this);
                } catch (RejectedExecutionException e) {
                    // Stopped: the next start looks.
                    log.debug("woken after the stop: database key {}", databaseId, e);
                }
            }
        }

        @Override
        public void run() {
            thread = Thread.currentThread();
            try {
                int seen;
                do {
                    seen = wakes.get();
                    carryAll();
                } while (stopping.getCount() > 0 && !wakes.compareAndSet(seen, 0));
                if (shared.databases().apply(databaseId) == null) {
                    carriers.remove(databaseId);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void carryAll() throws InterruptedException {
            while (mayGoOn()) {
                switch (step()) {
                    case Step.Again _ -> {}
                    case Step.Idle _ -> {
                        return;
                    }
                    case Step.Wait(Duration duration) -> rest(duration.toNanos());
                }
            }
        }

        private boolean mayGoOn() {
            return stopping.getCount() > 0 && shared.tenure().holds(databaseId);
        }

        private void rest(long nanos) throws InterruptedException {
            long end = System.nanoTime() + nanos;
            for (long left = nanos; left > 0 && mayGoOn(); left = end - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }

        /** Has it look whether it may go on, where it rests. */
        void rouse() {
            LockSupport.unpark(thread);
        }

        private Step step() throws InterruptedException {
            try {
                return lane.step();
            } catch (RuntimeException | Error fault) {
                // A lane that ended here would hold its events until the next start.
                return lane.broken(fault);
            }
        }
    }
}
