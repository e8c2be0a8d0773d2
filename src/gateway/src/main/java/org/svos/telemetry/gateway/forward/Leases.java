package org.svos.telemetry.gateway.forward;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.spool.Arrivals;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreException;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Shares the lanes among the gateways of one store. Each gateway says twice a second that it runs; one that has not said so for
 * {@link #LEASE_MILLIS}, by the server's clock, is taken to be dead, and whoever finds that sets its lanes free. Of the free
 * ones each gateway takes those that are its own by rendezvous hashing over all that run, so nobody has to agree with anybody;
 * when one joins, the others give up what is its, each lane between two of its steps.
 *
 * <p>A gateway that only stalled does not know that it is dead. Therefore what has come of a delivery is written in a transaction
 * that holds the row of the lane's lease ({@link #holds(Tx, long)}): either it is written before the lane is taken, and the one who
 * takes it goes on behind it, or not at all. See RATIONALE.md.
 */
final class Leases implements Tenure {

    private static final Logger log = LoggerFactory.getLogger(Leases.class);

    static final long LEASE_MILLIS = 3_000;

    private static final long PERIOD_MILLIS = 500;
    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long LOOK_AT_ALL_EVERY_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final String HINT = "lanes";
    private static final long HINT_MILLIS = 20;
    private static final int HINTED = 300; // keys in one hint, which has up to 8,000 characters

    private static final String JOIN = "insert into gateway (seen_at) values (?) returning id";
    private static final String SEEN = "update gateway set seen_at = ? where id = ?";
    private static final String DEAD = "delete from gateway where seen_at < ? and id <> ? returning id";
    private static final String RUNNING = "select id from gateway order by id";
    private static final String FREE =
            "delete from lane_lease l where not exists (select 1 from gateway g where g.id = l.gateway_id)";
    private static final String LEAVE = "delete from gateway where id = ?";
    private static final String HELD = "select database_id from lane_lease where gateway_id = ?";
    private static final String TAKE = """
            insert into lane_lease (database_id, gateway_id, state, attempts)
            select id, ?, 'open', 0 from unnest(?) as wanted (id) order by id
            on conflict (database_id) do nothing returning database_id""";
    private static final String GIVE_UP = "delete from lane_lease where gateway_id = ? and database_id = any (?)";
    private static final String HOLDS = "select 1 from lane_lease where database_id = ? and gateway_id = ? for share";
    private static final String WAITING = """
            select l.database_id from lane_lease l where l.gateway_id = ? and exists (
                select 1 from spool s where s.database_id = l.database_id
                    and s.last > coalesce((select passed from lane where database_id = l.database_id), 0))""";
    private static final String TELL = """
            update lane_lease set state = ?, since = ?, attempts = ?, answered = ?, why = ?, next_attempt_at = ?
            where database_id = ? and gateway_id = ?""";
    private static final String TOLD = """
            select state, since, attempts, answered, why, next_attempt_at from lane_lease where database_id = ?""";

    private final Store store;
    private final Supplier<? extends Collection<Long>> databases;
    private final Set<Long> held = ConcurrentHashMap.newKeySet();
    private final Set<Long> leaving = new HashSet<>();
    private final Map<Long, LaneStatus> told = new HashMap<>();
    private final Set<Long> appended = ConcurrentHashMap.newKeySet();
    private final Arrivals arrivals;
    private final Semaphore toHint = new Semaphore(0);
    private final List<Thread> threads = new ArrayList<>();
    private volatile @Nullable LaneKeeper keeper;
    private volatile long id;
    private volatile long validUntil;
    private volatile boolean closed;
    private long lookedAt;
    private long lookAtAllAt;
    private List<Long> ranBefore = List.of();

    /**
     * Leases of that store.
     *
     * @param databases keys of all that are registered
     */
    Leases(Store store, Supplier<? extends Collection<Long>> databases) {
        this.store = store;
        this.databases = databases;
        arrivals = new Arrivals(store);
        lookedAt = System.nanoTime() - LOOK_EVERY_NANOS;
        lookAtAllAt = System.nanoTime();
    }

    @Override
    public void start(LaneKeeper lanes) {
        keeper = lanes;
        store.onHint(this::hinted);
        threads.add(Thread.ofPlatform().daemon().name("lane-leases").start(this::run));
        threads.add(Thread.ofPlatform().daemon().name("lane-hints").start(this::hint));
    }

    private LaneKeeper keeper() {
        return Objects.requireNonNull(keeper, "not started");
    }

    @Override
    public boolean holds(long databaseId) {
        return held.contains(databaseId) && System.nanoTime() - validUntil < 0;
    }

    @Override
    public boolean holds(Tx tx, long databaseId) throws SQLException {
        PreparedStatement holds = tx.statement(HOLDS);
        holds.setLong(1, databaseId);
        holds.setLong(2, id);
        try (ResultSet row = holds.executeQuery()) {
            return row.next();
        }
    }

    @Override
    public void appended(long databaseId) {
        if (appended.add(databaseId)) {
            toHint.release();
        }
    }

    /** Tells the others what was appended, some at a time: a notification in each commit would have all commits wait in one queue. */
    private void hint() {
        while (!closed) {
            try {
                toHint.acquire();
                Thread.sleep(HINT_MILLIS);
                toHint.drainPermits();
                List<Long> some = appended.stream().limit(HINTED).toList();
                if (some.size() == HINTED) {
                    toHint.release();
                }
                // Before it is told: what is appended from now on is told of again.
                some.forEach(appended::remove);
                if (!some.isEmpty()) {
                    store.hint(some.stream().map(String::valueOf).collect(Collectors.joining(" ", HINT + " ", "")));
                }
            } catch (InterruptedException e) {
                return; // Only close() interrupts.
            } catch (StoreException e) {
                log.debug("What was appended will be found: {}", e.getMessage());
            } catch (RuntimeException e) {
                log.error("A defect in telling what was appended", e);
            }
        }
    }

    private void hinted(String text) {
        String[] words = text.split(" ", -1);
        if (words[0].equals(HINT)) {
            for (int i = 1; i < words.length; i++) {
                long databaseId = Long.parseLong(words[i]);
                if (holds(databaseId)) {
                    keeper().wake(databaseId);
                }
            }
        }
    }

    private void run() {
        while (!closed) {
            try {
                round();
            } catch (StoreException e) {
                log.debug("Leases of lanes are not renewed for now: {}", e.getMessage());
            } catch (RuntimeException | Error e) {
                log.error("A defect in the leases of lanes", e);
            }
            try {
                Thread.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return; // Only close() interrupts.
            }
        }
    }

    private void round() {
        long begun = System.nanoTime();
        List<Long> running = store.writeUnsynced(this::sayThatThisRuns);
        ranBefore = running;
        long wasValidUntil = validUntil;
        validUntil = begun + TimeUnit.MILLISECONDS.toNanos(LEASE_MILLIS);
        // Asked afterwards, as until a moment ago a lane may have found that it is not held, and rested.
        if (System.nanoTime() - wasValidUntil >= 0) {
            lookAtAllAt = begun;
        }
        Set<Long> own = new HashSet<>();
        for (Long databaseId : databases.get()) {
            if (ownerOf(databaseId, running) == id) {
                own.add(databaseId);
            }
        }
        giveUp(own);
        take(own);
        if (isTimeToLook()) {
            lookedAt = System.nanoTime();
            lookForArrivals();
            lookWhatIsHeld();
        }
        if (System.nanoTime() - lookAtAllAt >= 0) {
            lookForWaiting();
            lookAtAllAt = System.nanoTime() + LOOK_AT_ALL_EVERY_NANOS;
        }
        tell();
    }

    private boolean isTimeToLook() {
        return System.nanoTime() - lookedAt >= LOOK_EVERY_NANOS;
    }

    /** And finds who does not; the keys of all who do. */
    private List<Long> sayThatThisRuns(Tx tx) throws SQLException {
        PreparedStatement seen = tx.statement(SEEN);
        seen.setLong(1, tx.now());
        seen.setLong(2, id);
        if (seen.executeUpdate() == 0) {
            join(tx);
        }
        PreparedStatement dead = tx.statement(DEAD);
        dead.setLong(1, tx.now() - LEASE_MILLIS);
        dead.setLong(2, id);
        for (long gone : keys(dead)) {
            log.warn("Gateway {} has not been heard of for {} ms: its lanes are taken over", gone, LEASE_MILLIS);
        }
        List<Long> running = keys(tx.statement(RUNNING));
        // Else nobody has gone, and all leases would be looked through for one that a gateway took when it was dead
        // already.
        if (!running.equals(ranBefore) || isTimeToLook()) {
            tx.statement(FREE).executeUpdate();
        }
        return running;
    }

    /** At the start, and after others have taken it to be dead: then nothing is held any more. */
    private void join(Tx tx) throws SQLException {
        PreparedStatement join = tx.statement(JOIN);
        join.setLong(1, tx.now());
        held.clear();
        id = keys(join).getFirst();
    }

    private static List<Long> keys(PreparedStatement statement) throws SQLException {
        List<Long> keys = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                keys.add(row.getLong(1));
            }
        }
        return keys;
    }

    /** Whose a lane is: of all who run, the one that has the highest hash together with it. */
    static long ownerOf(long databaseId, List<Long> running) {
        long owner = 0;
        long highest = Long.MIN_VALUE;
        for (long gateway : running) {
            long hash = mixed(mixed(databaseId) ^ gateway * 0x9E3779B97F4A7C15L);
            if (hash >= highest) {
                highest = hash;
                owner = gateway;
            }
        }
        return owner;
    }

    /** The finisher of SplitMix64. */
    private static long mixed(long bits) {
        long hash = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        hash = (hash ^ (hash >>> 27)) * 0x94D049BB133111EBL;
        return hash ^ (hash >>> 31);
    }

    private void giveUp(Set<Long> own) {
        for (Long databaseId : List.copyOf(held)) {
            if (!own.contains(databaseId)) {
                held.remove(databaseId);
                leaving.add(databaseId);
                keeper().leave(databaseId);
            }
        }
        List<Long> rested = leaving.stream().filter(keeper()::isResting).toList();
        if (!rested.isEmpty()) {
            store.writeUnsynced(tx -> {
                PreparedStatement giveUp = tx.statement(GIVE_UP);
                giveUp.setLong(1, id);
                giveUp.setArray(2, tx.numbers(rested));
                return giveUp.executeUpdate();
            });
            rested.forEach(leaving::remove);
        }
    }

    private void take(Set<Long> own) {
        List<Long> wanted = own.stream()
                .filter(databaseId -> !held.contains(databaseId) && !leaving.contains(databaseId))
                .toList();
        if (wanted.isEmpty()) {
            return;
        }
        List<Long> taken = store.writeUnsynced(tx -> {
            PreparedStatement take = tx.statement(TAKE);
            take.setLong(1, id);
            take.setArray(2, tx.numbers(wanted));
            return keys(take);
        });
        held.addAll(taken);
        taken.forEach(keeper()::wake);
    }

    /** What a lost hint would have told: some seconds late, and at the cost of what is new. */
    private void lookForArrivals() {
        if (!arrivals.isReady()) {
            lookAtAllAt =
                    System.nanoTime(); // Also the time that it becomes so: what came before that is not told as new.
        }
        arrivals.databases().stream().filter(this::holds).forEach(keeper()::wake);
    }

    /** The same of all lanes, at the cost of a look for each. */
    private void lookForWaiting() {
        List<Long> waiting = store.read(tx -> {
            PreparedStatement select = tx.statement(WAITING);
            select.setLong(1, id);
            return keys(select);
        });
        waiting.stream().filter(this::holds).forEach(keeper()::wake);
    }

    private void lookWhatIsHeld() {
        Set<Long> written = store.read(tx -> {
            PreparedStatement select = tx.statement(HELD);
            select.setLong(1, id);
            return new HashSet<>(keys(select));
        });
        // A transaction whose end was not heard may have taken lanes all the same, or not.
        held.retainAll(written);
        written.removeAll(held);
        leaving.addAll(written);
    }

    /** Writes what has changed in how it goes, for those who ask another gateway. */
    private void tell() {
        Map<Long, LaneStatus> news = new HashMap<>();
        for (Long databaseId : held) {
            LaneStatus status = keeper().statusHere(databaseId);
            if (!status.equals(told.getOrDefault(databaseId, LaneStatus.OPEN))) {
                news.put(databaseId, status);
            }
        }
        told.keySet().retainAll(held);
        if (news.isEmpty()) {
            return;
        }
        store.writeUnsynced(tx -> {
            for (Map.Entry<Long, LaneStatus> one : news.entrySet()) {
                LaneStatus status = one.getValue();
                tx.change(
                        TELL,
                        status.state().name().toLowerCase(Locale.ROOT),
                        millis(status.since()),
                        status.attempts(),
                        status.status(),
                        status.why(),
                        millis(status.nextAttemptAt()),
                        one.getKey(),
                        id);
            }
            return null;
        });
        told.putAll(news);
    }

    private static @Nullable Long millis(@Nullable Instant instant) {
        return instant == null ? null : instant.toEpochMilli();
    }

    @Override
    public @Nullable LaneStatus told(long databaseId) {
        return store.<@Nullable LaneStatus>read(tx -> {
            PreparedStatement select = tx.statement(TOLD);
            select.setLong(1, databaseId);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? status(row) : null;
            }
        });
    }

    private static LaneStatus status(ResultSet row) throws SQLException {
        int answered = row.getInt(4);
        Integer status = row.wasNull() ? null : answered;
        return new LaneStatus(
                LaneStatus.State.valueOf(row.getString(1).toUpperCase(Locale.ROOT)),
                instant(row, 2),
                row.getInt(3),
                status,
                row.getString(5),
                instant(row, 6));
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    /** Gives up all that is held, once nothing is under way any more. */
    @Override
    public void close() {
        closed = true;
        held.clear();
        threads.forEach(Thread::interrupt);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
            store.write(tx -> {
                tx.change(LEAVE, id);
                return tx.statement(FREE).executeUpdate();
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreException e) {
            log.debug("The others find out by themselves that this gateway is gone: {}", e.getMessage());
        }
    }
}
