package org.svos.telemetry.gateway.tail;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.gateway.admission.Batch;
import org.svos.telemetry.gateway.admission.DecisionWatch;
import org.svos.telemetry.gateway.admission.Outcome;
import org.svos.telemetry.gateway.forward.DeliveryWatch;
import org.svos.telemetry.gateway.quota.Policy;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.store.Store;

/**
 * Who looks at which database, and what there is to see. Admission and lanes hand over what happened, as it is, and go on; one
 * thread makes events of it and puts them into the rings, and into what is told to other gateways of the store where somebody looks
 * on ({@link Relay}). Nothing is handed over for a database that nobody looks at anywhere.
 *
 * <p>Memory is bounded whatever readers and hosts do: by {@code readers} rings, since a ring is made for a reader and an
 * abandoned one gives way to a new one; by what may wait for the thread; and by a slice of a ring for each reader.
 */
final class Tails implements DecisionWatch, DeliveryWatch, SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Tails.class);

    private static final long SWEEP_MILLIS = 1_000;
    /** Of what may wait, the part that one database may have: a storm of one is no gap of the others. */
    private static final int PARTS = 4;

    private static final int ID_RADIX = 36;

    private final TailSettings settings;
    private final Registry registry;
    private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    /** By database. Replaced by each change, under this object's lock, so that those who only look need none. */
    private volatile Map<Long, Watched> rings = Map.of();

    /** What others look at; replaced likewise. */
    private Map<Long, Outgoing> outgoing = Map.of();

    /** Both, which is all that admission and lanes ask for. */
    private volatile Map<Long, List<Sink>> sinks = Map.of();

    private final @Nullable Relay relay;

    private int readers;
    private volatile boolean running;
    private @Nullable Thread thread;

    Tails(TailSettings settings, Registry registry, Store store) {
        this.settings = settings;
        this.registry = registry;
        relay = store.isShared() ? new Relay(store, this) : null;
    }

    private record Waiting(Sink sink, Happening happening) {}

    /** A ring with its readers; {@code leftAt} is when the last of them went, by {@link System#nanoTime}. */
    private record Watched(Ring ring, int readers, long leftAt) {}

    /** What came of the wish to look. */
    sealed interface Opening {

        /** A seat, to be given back. */
        record Open(Seat seat) implements Opening {}

        /** As many as may look at this database do. */
        record DatabaseFull(int limit) implements Opening {}

        /** As many as may look at all do, or the gateway stops. */
        record Full() implements Opening {}
    }

    /** A reader's place before a ring. */
    final class Seat implements AutoCloseable {

        private final Ring ring;

        private Seat(Ring ring) {
            this.ring = ring;
        }

        Ring ring() {
            return ring;
        }

        /** Whether the reader may go on, as far as it is for the gateway to say. */
        boolean isOpen() {
            return running;
        }

        @Override
        public void close() {
            leave(ring);
        }
    }

    /** Takes a seat; what happens from now on is seen from it. */
    synchronized Opening open(long databaseId) {
        if (!running || readers >= settings.readers()) {
            return new Opening.Full();
        }
        Map<Long, Watched> next = new HashMap<>(rings);
        Watched watched = next.get(databaseId);
        if (watched == null) {
            if (next.size() >= settings.readers()) {
                next.values().stream()
                        .filter(one -> one.readers == 0)
                        .min((one, other) -> Long.signum(one.leftAt - other.leftAt))
                        .ifPresent(one -> next.remove(one.ring.databaseId()));
            }
            String id = Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), ID_RADIX);
            watched = new Watched(new Ring(databaseId, id, settings.ringSize().toBytes()), 0, 0);
        } else if (watched.readers >= settings.readersPerDatabase()) {
            return new Opening.DatabaseFull(settings.readersPerDatabase());
        }
        next.put(databaseId, new Watched(watched.ring, watched.readers + 1, 0));
        arrange(next, outgoing);
        readers++;
        if (relay != null) {
            relay.wake();
        }
        return new Opening.Open(new Seat(watched.ring));
    }

    private synchronized void leave(Ring ring) {
        Map<Long, Watched> next = new HashMap<>(rings);
        next.computeIfPresent(
                ring.databaseId(), (_, watched) -> new Watched(ring, watched.readers - 1, System.nanoTime()));
        arrange(next, outgoing);
        readers--;
    }

    private void arrange(Map<Long, Watched> nextRings, Map<Long, Outgoing> nextOutgoing) {
        rings = Map.copyOf(nextRings);
        outgoing = Map.copyOf(nextOutgoing);
        Map<Long, List<Sink>> next = new HashMap<>();
        nextRings.forEach((databaseId, watched) -> next.put(databaseId, List.of(watched.ring)));
        nextOutgoing.forEach((databaseId, one) ->
                next.merge(databaseId, List.of(one), (ring, too) -> List.of(ring.getFirst(), too.getFirst())));
        sinks = Map.copyOf(next);
    }

    /** The databases that are looked at here, or were a little while ago. */
    Set<Long> watched() {
        return rings.keySet();
    }

    /** The databases that are looked at through other gateways. */
    synchronized Set<Long> wanted() {
        return outgoing.keySet();
    }

    /** From now on hands over what happens to those databases, too. */
    synchronized void tell(Map<Long, Outgoing> wanted) {
        arrange(rings, wanted);
    }

    /** So many events are missing, and then these happened, at another gateway. */
    void heard(long databaseId, long missing, List<Frame> frames) {
        Watched watched = rings.get(databaseId);
        if (watched != null) {
            if (missing > 0) {
                watched.ring.skip(missing);
            }
            watched.ring.append(frames);
        }
    }

    /** It is not known what happened to those at other gateways. */
    void missed(Set<Long> databaseIds) {
        databaseIds.forEach(databaseId -> heard(databaseId, 0, List.of(Frame.UNKNOWN)));
    }

    /** Lets go of rings whose readers have stayed away, or whose database is gone. */
    private synchronized void sweep() {
        long now = System.nanoTime();
        Map<Long, Watched> next = new HashMap<>(rings);
        next.values()
                .removeIf(watched -> watched.readers == 0
                        && (now - watched.leftAt >= settings.linger().toNanos()
                                || registry.database(watched.ring.databaseId()) == null));
        if (next.size() < rings.size()) {
            arrange(next, outgoing);
        }
        sinks.values().forEach(each -> each.forEach(Tails::tellPassedOver));
    }

    @Override
    public boolean isWatching() {
        return !sinks.isEmpty();
    }

    @Override
    public void decided(Batch batch, Outcome outcome) {
        List<Sink> to = sinks.get(batch.database().id());
        if (to == null) {
            return;
        }
        switch (outcome) {
            case Outcome.Accepted _ -> offer(to, new Happening.Decided(batch, null));
            case Outcome.OverQuota over ->
                refused(
                        to,
                        batch,
                        "quota-exceeded",
                        "the database is over its quota of the " + over.worst().wireName());
            case Outcome.ExceedsQuota(Policy policy, long limit, long actual, var _) ->
                refused(
                        to,
                        batch,
                        "batch-exceeds-quota",
                        "the batch needs " + actual + " of the " + policy.wireName() + " quota, which is " + limit);
            case Outcome.KeyReused _ ->
                refused(to, batch, "key-reused", "the idempotency key was accepted with another body");
            // Nothing happened to an event: it was told before, or is not decided on.
            case Outcome.Replayed _, Outcome.KeyInUse _, Outcome.SandboxGone _, Outcome.SpoolFull _ -> {}
            case Outcome.Unavailable _ -> {}
        }
    }

    private void refused(List<Sink> to, Batch batch, String code, String detail) {
        offer(to, new Happening.Decided(batch, new Happening.Refusal(code, detail)));
    }

    @Override
    public boolean isWatching(String database) {
        if (sinks.isEmpty()) {
            return false;
        }
        Database registered = registry.database(database);
        return registered != null && sinks.containsKey(registered.id());
    }

    @Override
    public void delivered(String database, String sandbox, @Nullable Host host, List<Event> events) {
        Database registered = registry.database(database);
        List<Sink> to = registered == null ? null : sinks.get(registered.id());
        if (to != null) {
            offer(to, new Happening.Delivered(sandbox, host, events));
        }
    }

    private void offer(List<Sink> to, Happening happening) {
        for (int i = 0; i < to.size(); i++) {
            offer(to.get(i), happening);
        }
    }

    /** Lets it wait for the thread, or counts it as passed over if too much waits. */
    private void offer(Sink sink, Happening happening) {
        long bytes = happening.bytes();
        long most = settings.waitingSize().toBytes();
        if (isTooMuch(sink.waitingBytes(), bytes, most / PARTS)) {
            sink.passedOver().addAndGet(happening.events());
        } else if (isTooMuch(waitingBytes, bytes, most)) {
            sink.waitingBytes().addAndGet(-bytes);
            sink.passedOver().addAndGet(happening.events());
        } else {
            queue.add(new Waiting(sink, happening));
        }
    }

    /** Adds to a sum, unless that would be over a bound; a single thing may be. */
    private static boolean isTooMuch(AtomicLong sum, long bytes, long most) {
        if (sum.addAndGet(bytes) <= most || sum.get() == bytes) {
            return false;
        }
        sum.addAndGet(-bytes);
        return true;
    }

    private void run() {
        long swept = System.nanoTime();
        while (running) {
            try {
                Waiting next = queue.poll(SWEEP_MILLIS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    show(next);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | Error e) {
                log.error("A defect: what happened could not be shown", e);
            }
            if (System.nanoTime() - swept >= TimeUnit.MILLISECONDS.toNanos(SWEEP_MILLIS)) {
                swept = System.nanoTime();
                sweep();
            }
        }
    }

    private void show(Waiting next) {
        try {
            next.happening.show(next.sink);
        } finally {
            long bytes = next.happening.bytes();
            next.sink.waitingBytes().addAndGet(-bytes);
            waitingBytes.addAndGet(-bytes);
            tellPassedOver(next.sink);
        }
    }

    private static void tellPassedOver(Sink sink) {
        long events = sink.passedOver().getAndSet(0);
        if (events > 0) {
            sink.skip(events);
        }
    }

    /** How many look on now. */
    synchronized int readers() {
        return readers;
    }

    /** What is held for readers now, about: in rings, and waiting. */
    long bytes() {
        return waitingBytes.get()
                + rings.values().stream()
                        .mapToLong(watched -> watched.ring.bytes())
                        .sum();
    }

    @Override
    public synchronized void start() {
        running = true;
        thread = Thread.ofPlatform().name("tail").daemon().start(this::run);
        if (relay != null) {
            relay.start();
        }
    }

    /** Ends all readers: each looks once a second whether it may go on. */
    @Override
    public synchronized void stop() {
        running = false;
        if (relay != null) {
            relay.stop();
        }
        if (thread != null) {
            thread.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After the intake has begun to refuse, and before the web server waits for what is under way. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE - 1;
    }
}
