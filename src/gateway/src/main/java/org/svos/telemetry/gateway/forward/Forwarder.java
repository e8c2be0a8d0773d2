package org.svos.telemetry.gateway.forward;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Runs the lanes. A lane has a virtual thread for as long as a step takes, and none while it waits for its turn or for Lantern Rock:
 * ten thousand of them that wait out an outage take a few hundred bytes each, and not a stack.
 *
 * <pre>
 *              wake                turn given            nothing left
 *      RESTING ----> WANTS_A_TURN -----------> CARRYING --------------> RESTING
 *                     ^    ^                    |  | wake: WOKEN, which wants a turn at its end
 *                     |    +--- more is left ---+  |
 *                     +------- wait over -- WAITING +   (Lantern Rock does not take it now)
 * </pre>
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
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("lane-", 0).factory());
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("lanes-timer").factory());
    private volatile boolean running;
    private volatile boolean stopping;

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
        timer.setRemoveOnCancelPolicy(true);
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
            carrier.leave();
        }
    }

    @Override
    public boolean isResting(long databaseId) {
        Carrier carrier = carriers.get(databaseId);
        return carrier == null || !carrier.isAtWork();
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
        stopping = true;
        timer.shutdownNow();
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

    private enum Doing {
        /** Nothing waits, as far as is known. */
        RESTING,
        WANTS_A_TURN,
        /** A step is under way. */
        CARRYING,
        /** The same, and something came meanwhile. */
        WOKEN,
        /** It is tried again later. */
        WAITING
    }

    /** A lane, and what it is doing. */
    private final class Carrier {

        private final long databaseId;
        private final Lane lane;
        private final AtomicReference<Doing> doing = new AtomicReference<>(Doing.RESTING);
        private volatile @Nullable Future<?> wait;

        Carrier(Long databaseId) {
            this.databaseId = databaseId;
            this.lane = new Lane(databaseId, shared);
        }

        void wake() {
            // Woken by each commit that has something for it: most find it awake.
            while (true) {
                switch (doing.get()) {
                    case RESTING -> {
                        if (doing.compareAndSet(Doing.RESTING, Doing.WANTS_A_TURN)) {
                            lane.turn(this::begin);
                            return;
                        }
                    }
                    case CARRYING -> {
                        if (doing.compareAndSet(Doing.CARRYING, Doing.WOKEN)) {
                            return;
                        }
                    }
                    case WANTS_A_TURN, WOKEN, WAITING -> {
                        return;
                    }
                }
            }
        }

        /** What waits for a turn finds by itself that it may not go on. */
        void leave() {
            if (doing.compareAndSet(Doing.WAITING, Doing.RESTING)) {
                Future<?> waited = wait;
                if (waited != null) {
                    waited.cancel(false);
                }
                lookAgain();
            }
        }

        boolean isAtWork() {
            Doing now = doing.get();
            return now == Doing.CARRYING || now == Doing.WOKEN;
        }

        private boolean mayGoOn() {
            return !stopping && shared.tenure().holds(databaseId);
        }

        private boolean begin(Capacity.Hold turn) {
            if (!mayGoOn()) {
                rest();
                return false;
            }
            doing.set(Doing.CARRYING);
            try {
                threads.execute(() -> carry(turn));
                return true;
            } catch (RejectedExecutionException e) {
                // Stopped: the next start looks.
                log.debug("had its turn after the stop: database key {}", databaseId, e);
            } catch (RuntimeException | Error e) {
                // Whoever gave a turn back is not to break off for it.
                log.error("No step could begin for the database of key {}", databaseId, e);
            }
            doing.set(Doing.RESTING);
            return false;
        }

        /** A step, if it still may: it is seen to be at work by now, and whoever takes the lane away first looks for that. */
        private void carry(Capacity.Hold turn) {
            Step step;
            try (turn) {
                step = mayGoOn() ? step() : null;
            } catch (InterruptedException e) {
                doing.set(Doing.RESTING);
                Thread.currentThread().interrupt();
                return;
            }
            switch (step) {
                case Step.Again _ -> askAgain();
                case Step.Idle _ -> idle();
                case Step.Wait(Duration duration) -> await(duration);
                case null -> rest();
            }
        }

        private Step step() throws InterruptedException {
            try {
                return lane.step();
            } catch (RuntimeException | Error fault) {
                // A lane that ended here would hold its events until the next start.
                return lane.broken(fault);
            }
        }

        private void askAgain() {
            doing.set(Doing.WANTS_A_TURN);
            lane.turn(this::begin);
        }

        private void idle() {
            if (doing.compareAndSet(Doing.CARRYING, Doing.RESTING)) {
                goIfGone();
            } else {
                askAgain();
            }
        }

        private void await(Duration duration) {
            doing.set(Doing.WAITING);
            try {
                wait = timer.schedule(this::waited, duration.toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                log.debug("waits after the stop: database key {}", databaseId, e);
            }
            if (!mayGoOn()) {
                leave();
            }
        }

        private void waited() {
            if (doing.compareAndSet(Doing.WAITING, Doing.WANTS_A_TURN)) {
                lane.turn(this::begin);
            }
        }

        private void rest() {
            doing.set(Doing.RESTING);
            lookAgain();
        }

        /** The lane may have been given back, and woken, just before it was seen to rest. */
        private void lookAgain() {
            if (mayGoOn()) {
                wake();
            } else {
                goIfGone();
            }
        }

        private void goIfGone() {
            if (shared.databases().apply(databaseId) == null) {
                carriers.remove(databaseId, this);
            }
        }
    }
}
