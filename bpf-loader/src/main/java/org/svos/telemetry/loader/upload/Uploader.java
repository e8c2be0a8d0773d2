package org.svos.telemetry.loader.upload;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.spool.SpoolFault;
import org.svos.telemetry.loader.spool.SpooledBatch;

/**
 * Sends what is in the spool: a lane a sandbox, each on a virtual thread of its own while it has batches, so that one that
 * must wait keeps no other. Posts under way at once are limited for all together; a lane that waits is none of them.
 */
public final class Uploader implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Uploader.class.getName());
    private static final Duration SAME_REPORT = Duration.ofMinutes(1);
    private static final long LOOK_MILLIS = 20;

    private final String version;
    private final Spool spool;
    private final Places places;
    private final Bandwidth bandwidth;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Outcome, Long> outcomes = new ConcurrentHashMap<>();

    // Guarded by this: lanes at work, and those among them that have new batches since they began to look.
    private final Map<SandboxId, Lane> lanes = new HashMap<>();
    private final Set<SandboxId> woken = new HashSet<>();
    private String reported = "";
    private Instant reportedAt = Instant.MIN;
    private boolean closed;

    private volatile Config config;
    private volatile GatewayClient client;

    /** An uploader to that gateway. Nothing is sent before {@link #start()}. */
    public Uploader(Config config, Spool spool, String version) {
        this.config = config;
        this.spool = spool;
        this.version = version;
        this.client = client(config);
        this.places = new Places(config.upload().concurrency());
        this.bandwidth = new Bandwidth(config.upload().bytesPerSecond(), System::nanoTime);
    }

    private GatewayClient client(Config settings) {
        return new GatewayClient(settings.gateway(), new Token(settings.tokenFile()), version);
    }

    /**
     * Takes other settings, for the posts from now on. Lanes that wait try again, but those that the same gateway has told how
     * long to wait.
     */
    public synchronized void settings(Config other) {
        boolean isElsewhere = !other.gateway().url().equals(config.gateway().url());
        config = other;
        client.close();
        client = client(other);
        places.resize(other.upload().concurrency());
        bandwidth.limit(other.upload().bytesPerSecond());
        lanes.values().forEach(lane -> lane.tryNow(isElsewhere));
    }

    Config.Upload upload() {
        return config.upload();
    }

    /** Begins with what an earlier run left. */
    public void start() throws SpoolFault {
        wake(spool.waiting());
    }

    /** Says that these sandboxes have new batches. */
    public synchronized void wake(Collection<SandboxId> sandboxes) {
        if (closed) {
            return;
        }
        for (SandboxId sandbox : sandboxes) {
            if (lanes.containsKey(sandbox)) {
                woken.add(sandbox);
            } else {
                Lane lane = new Lane(sandbox, spool, this, new Backoff(this::upload, RandomGenerator.getDefault()));
                lanes.put(sandbox, lane);
                threads.execute(() -> run(sandbox, lane));
            }
        }
    }

    private void run(SandboxId sandbox, Lane lane) {
        try {
            do {
                lane.run();
            } while (!ends(sandbox));
        } catch (InterruptedException e) {
            // Closing: what is left waits in the spool.
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the lane unless it was woken after it had looked for the last time. */
    private synchronized boolean ends(SandboxId sandbox) {
        if (woken.remove(sandbox)) {
            return false;
        }
        lanes.remove(sandbox);
        return true;
    }

    /** Waits for a place: a batch is read only by who has one. */
    void enter() throws InterruptedException {
        places.enter();
    }

    void leave() {
        places.leave();
    }

    /** Only by who has a place. */
    Answer post(SpooledBatch batch) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(bandwidth.nanosUntil(batch.body().length));
        Answer answer = client.post(batch);
        outcomes.merge(Outcome.of(answer), 1L, Long::sum);
        return answer;
    }

    /** Logs what keeps a lane; the same of many lanes, or again and again, once a minute. */
    synchronized void report(SandboxId sandbox, String why) {
        Instant now = Instant.now();
        if (why.equals(reported) && now.isBefore(reportedAt.plus(SAME_REPORT))) {
            return;
        }
        reported = why;
        reportedAt = now;
        LOG.log(System.Logger.Level.WARNING, "Sandbox " + sandbox + ": " + why);
    }

    /** The lanes that have batches. */
    public synchronized List<LaneState> lanes() {
        return lanes.values().stream()
                .map(Lane::state)
                .sorted(Comparator.comparing(state -> state.sandbox().value()))
                .toList();
    }

    /** How many posts had that outcome. */
    public long count(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }

    /** Waits until everything is sent, or the time is over, or nothing more can be sent within it. */
    public void drain(Duration timeout) throws InterruptedException {
        Instant deadline = Instant.now().plus(timeout);
        while (Instant.now().isBefore(deadline) && hasHope(deadline)) {
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private boolean hasHope(Instant deadline) {
        return lanes().stream().anyMatch(lane -> {
            Instant until = lane.until();
            return until == null || until.isBefore(deadline);
        });
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        threads.shutdownNow();
        client.close();
        try {
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "A post is still under way; its batch stays in the spool.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
