package org.svos.telemetry.gateway.tail;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreException;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Takes what happens at the gateways of one store to those where somebody looks on. Each says which databases are looked at where it
 * is; who hears of such an interest tells of these databases, in parts, from then on, and takes what others tell into its own
 * rings. Both lie in tables that are not logged, and are thrown away after seconds whoever has read them: a gateway that is slow
 * or dead costs the others nothing. What was not told, or was gone before it was read, shows by the count in the next part, and is
 * a gap. Why so, see RATIONALE.md.
 */
final class Relay {

    private static final Logger log = LoggerFactory.getLogger(Relay.class);

    /** Between two looks while somebody looks on somewhere; otherwise it is a hint, or a second. */
    private static final long PERIOD_MILLIS = 200;

    private static final long IDLE_MILLIS = 1_000;
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SAY_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** An interest that was not said again for so long is none. */
    private static final long INTEREST_MILLIS = 10_000;
    /** Who could not say it for so long may have missed something. */
    private static final long LAPSE_NANOS = TimeUnit.SECONDS.toNanos(8);

    private static final long KEPT_MILLIS = 15_000;
    private static final int PARTS_AT_ONCE = 16;

    private static final String HINT = "tail";

    private static final String SAY = """
            insert into tail_interest (watcher, database_id, seen_at) select ?, id, ? from unnest(?) as wanted (id)
            on conflict (watcher, database_id) do update set seen_at = excluded.seen_at""";
    private static final String LEAVE = "delete from tail_interest where watcher = ? and not database_id = any (?)";
    private static final String FORGET_INTEREST = "delete from tail_interest where seen_at < ?";
    private static final String FORGET_PARTS = "delete from tail_part where told_at < ?";
    private static final String WANTED =
            "select distinct database_id from tail_interest where watcher <> ? and seen_at >= ?";
    private static final String TELL = """
            insert into tail_part (teller, stream, database_id, before, events, frames, told_at)
            values (?, ?, ?, ?, ?, ?, ?)""";
    private static final String END = "select case when is_called then last_value else 0 end from tail_number";
    private static final String TOLD = """
            select number, stream, database_id, before, events, frames from tail_part
            where number > ? and not (number = any (?)) and teller <> ? and database_id = any (?)
            order by number limit ?""";

    private final Store store;
    private final Tails tails;
    private final String id = UUID.randomUUID().toString();
    private final Semaphore wakened = new Semaphore(0);
    private final AtomicLong bytes = new AtomicLong();
    private final Map<Long, Wanted> wanted = new HashMap<>();
    /** How many events of each stream have come. */
    private final Map<String, Known> streams = new HashMap<>();
    /** Parts that were read, and when; a lower number may yet be committed, so all of the last seconds are remembered. */
    private final TreeMap<Long, Long> read = new TreeMap<>();

    /** The last part there was when somebody began to look at a database here: what is shown comes after it. */
    private final Map<Long, Long> from = new HashMap<>();

    private Set<Long> said = Set.of();
    private long readUpTo;
    private long saidAt;
    private long lookedAt;
    private volatile boolean hinted = true;
    private volatile boolean running;
    private @Nullable Thread thread;

    /** Between the tails of this gateway and those of others on a shared store. */
    Relay(Store store, Tails tails) {
        this.store = store;
        this.tails = tails;
    }

    /** What is told of a database, and when somebody was last known to look at it. */
    private record Wanted(Outgoing outgoing, long seenAt) {}

    private record Known(long databaseId, long events) {}

    private record Told(long number, String stream, long databaseId, Part part) {}

    void start() {
        store.onHint(this::hinted);
        running = true;
        thread = Thread.ofPlatform().name("tail-relay").daemon().start(this::run);
    }

    void stop() {
        running = false;
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** Somebody has begun to look here: the others are to hear of it now. */
    void wake() {
        wakened.release();
    }

    private void hinted(String text) {
        if (text.equals(HINT)) {
            hinted = true;
            wakened.release();
        }
    }

    private void run() {
        while (running) {
            try {
                round();
            } catch (StoreException e) {
                log.debug("What is told for live tails has to wait: {}", e.getMessage());
            } catch (RuntimeException | Error e) {
                log.error("A defect in what gateways tell one another for live tails", e);
            }
            try {
                boolean isIdle = said.isEmpty() && wanted.isEmpty();
                if (wakened.tryAcquire(isIdle ? IDLE_MILLIS : PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
                    wakened.drainPermits();
                }
            } catch (InterruptedException e) {
                return; // Only stop() interrupts.
            }
        }
    }

    private void round() {
        Set<Long> watched = tails.watched();
        say(watched);
        look();
        tell();
        if (!watched.isEmpty()) {
            hear(watched);
        }
    }

    /** Says what is looked at here, when that has changed, and again and again. */
    private void say(Set<Long> watched) {
        long now = System.nanoTime();
        if (watched.equals(said) && (watched.isEmpty() || now - saidAt < SAY_NANOS)) {
            return;
        }
        boolean isNew = !said.containsAll(watched);
        if (isNew) {
            begin(watched);
        }
        store.writeUnsynced(tx -> {
            PreparedStatement say = tx.statement(SAY);
            say.setString(1, id);
            say.setLong(2, tx.now());
            say.setArray(3, tx.numbers(watched));
            say.executeUpdate();
            PreparedStatement leave = tx.statement(LEAVE);
            leave.setString(1, id);
            leave.setArray(2, tx.numbers(watched));
            leave.executeUpdate();
            tx.change(FORGET_INTEREST, tx.now() - INTEREST_MILLIS);
            tx.change(FORGET_PARTS, tx.now() - KEPT_MILLIS);
            return null;
        });
        if (!said.isEmpty() && now - saidAt > LAPSE_NANOS) {
            tails.missed(said);
        }
        said = Set.copyOf(watched);
        saidAt = now;
        streams.values().removeIf(known -> !watched.contains(known.databaseId));
        if (isNew) {
            store.hint(HINT);
        }
    }

    private void begin(Set<Long> watched) {
        long end = store.read(Relay::end);
        if (said.isEmpty()) {
            readUpTo = end;
            read.clear();
        }
        from.keySet().retainAll(watched);
        watched.forEach(databaseId -> {
            if (!said.contains(databaseId)) {
                from.put(databaseId, end);
            }
        });
    }

    private static long end(Tx tx) throws SQLException {
        try (ResultSet row = tx.statement(END).executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Looks who else looks at what. */
    private void look() {
        long now = System.nanoTime();
        if (!hinted && now - lookedAt < LOOK_NANOS) {
            return;
        }
        hinted = false;
        Set<Long> others = store.read(tx -> {
            PreparedStatement select = tx.statement(WANTED);
            select.setString(1, id);
            select.setLong(2, tx.now() - INTEREST_MILLIS);
            Set<Long> ids = new HashSet<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    ids.add(row.getLong(1));
                }
            }
            return ids;
        });
        lookedAt = now;
        Set<Long> before = Set.copyOf(wanted.keySet());
        for (Long databaseId : others) {
            Wanted one = wanted.get(databaseId);
            wanted.put(databaseId, new Wanted(one == null ? new Outgoing(bytes) : one.outgoing, now));
        }
        // Not at once: a crash of the server has emptied the table, and they will say it again.
        wanted.values().removeIf(one -> now - one.seenAt > TimeUnit.MILLISECONDS.toNanos(INTEREST_MILLIS));
        if (!before.equals(wanted.keySet())) {
            Map<Long, Outgoing> outgoing = new HashMap<>();
            wanted.forEach((databaseId, one) -> outgoing.put(databaseId, one.outgoing));
            tails.tell(outgoing);
        }
    }

    /** Tells what has happened here. What cannot be told now is missing from the count of the next. */
    private void tell() {
        record Telling(long databaseId, String stream, Part part) {}
        List<Telling> all = new ArrayList<>();
        wanted.forEach((databaseId, one) ->
                one.outgoing.drain().forEach(part -> all.add(new Telling(databaseId, one.outgoing.stream(), part))));
        if (all.isEmpty()) {
            return;
        }
        store.writeUnsynced(tx -> {
            for (Telling one : all) {
                tx.change(
                        TELL,
                        id,
                        one.stream,
                        one.databaseId,
                        one.part.before(),
                        one.part.frames().size(),
                        one.part.encoded(),
                        tx.now());
            }
            return null;
        });
    }

    /** Takes in what others have told since, each part once. */
    private void hear(Set<Long> watched) {
        List<Told> page;
        do {
            page = store.read(tx -> told(tx, watched));
            long now = System.nanoTime();
            for (Told told : page) {
                read.put(told.number, now);
                Known known = streams.put(told.stream, new Known(told.databaseId, told.part.end()));
                if (told.number > from.getOrDefault(told.databaseId, 0L)) {
                    long missing = known == null ? 0 : told.part.before() - known.events;
                    tails.heard(told.databaseId, Math.max(0, missing), told.part.frames());
                }
            }
            while (!read.isEmpty() && now - read.firstEntry().getValue() > TimeUnit.MILLISECONDS.toNanos(KEPT_MILLIS)) {
                readUpTo = read.pollFirstEntry().getKey();
            }
        } while (page.size() == PARTS_AT_ONCE && running);
    }

    private List<Told> told(Tx tx, Set<Long> watched) throws SQLException {
        PreparedStatement select = tx.statement(TOLD);
        select.setLong(1, readUpTo);
        select.setArray(2, tx.numbers(read.keySet()));
        select.setString(3, id);
        select.setArray(4, tx.numbers(watched));
        select.setInt(5, PARTS_AT_ONCE);
        List<Told> told = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                told.add(new Told(
                        row.getLong(1),
                        row.getString(2),
                        row.getLong(3),
                        Part.decoded(row.getLong(4), row.getInt(5), row.getBytes(6))));
            }
        }
        return told;
    }
}
