package org.svos.telemetry.gateway.deadletter;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.Holdings;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.NewsReader;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreException;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Events that Lantern Rock will never take as they are: kept, counted, out of their lane's way. One that is replayed stays a dead
 * letter, and is counted as one, until it is delivered; so at every moment it has one outcome.
 */
public final class DeadLetters implements Holdings {

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    /** What is announced, by the key of the database. */
    private static final String REPLAY = "replay";

    static final String REFUSED = "refused";
    static final String PARTLY_REFUSED = "partly-refused";
    static final String UNREADABLE = "unreadable";

    private static final String COUNT = "select coalesce(sum(events), 0) from dead_letter";
    private static final String WANTED = "select distinct database_id from dead_letter where replay_at is not null";
    private static final String ADD = """
            insert into dead_letter (database_id, sandbox, idempotency_key, events, bytes, reason, status, answer, kind, name,
                seq, delivery, body, encoding, payload_bytes, payload_depth, admitted_at, died_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
    private static final String NEXT = """
            select id, idempotency_key, reason, events, bytes, delivery from dead_letter
            where database_id = ? and replay_at is not null order by id limit 1""";
    private static final String DELIVERED = "delete from dead_letter where database_id = ? and id = ?";
    private static final String REFUSED_AGAIN =
            "update dead_letter set replay_at = null, status = ?, answer = ? where database_id = ? and id = ?";
    private static final String IS_THERE = "select id from dead_letter where database_id = ? and id = ?";
    private static final String REFUSED_IN_PART = """
            update dead_letter set replay_at = null, status = ?, answer = ?, events = events - ?, bytes = bytes - ?
            where database_id = ? and id = ?""";
    private static final String BY_REASON = """
            select reason, sum(events), sum(bytes) from dead_letter where database_id = ? group by reason""";
    private static final String REMOVE_ALL = "delete from dead_letter where database_id = ?";

    private final Store store;
    private final Ledger ledger;
    private final AtomicLong events = new AtomicLong();
    private final Set<Long> wanted = ConcurrentHashMap.newKeySet();
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();

    /** The dead letters of that store. */
    public DeadLetters(Store store, Ledger ledger, MeterRegistry meters) {
        this.store = store;
        this.ledger = ledger;
        store.onNews(this::changed);
        wanted.addAll(store.read(DeadLetters::replayed));
        events.set(store.read(DeadLetters::count));
        Gauge.builder("telemetry.dead.letters", this, DeadLetters::count)
                .description("Events that Lantern Rock refused, kept to be replayed or discarded")
                .register(meters);
    }

    /** Tells, after the commit, that the database of that key has letters to be replayed. */
    public void onReplay(LongConsumer listener) {
        listeners.add(listener);
    }

    /**
     * Why a single record is a dead letter.
     *
     * @param status Lantern Rock's; null if it was not asked
     * @param answer the beginning of its answer
     */
    public record Refusal(@Nullable Integer status, String answer) {}

    /**
     * A record that was refused by itself, or a delivery that was refused in part.
     *
     * @param key that it was refused under
     * @param kind of the one record, with its name and number; null of a delivery
     * @param delivery as JSON
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Refused(
            String key,
            @Nullable String kind,
            @Nullable String name,
            @Nullable Long seq,
            byte[] delivery) {}

    /**
     * Keeps the one record of a delivery that was refused.
     *
     * @param bytes of its batch that the ledger counts for it
     */
    public void add(Tx tx, SpooledBatch batch, Refused refused, Refusal refusal, long bytes) throws SQLException {
        add(tx, batch, REFUSED, refused, refusal, 1, bytes);
    }

    /**
     * Keeps all of a delivery of which Lantern Rock has some, and does not say which.
     *
     * @param rejected how many it has not
     * @param bytes of its batch that the ledger counts for those
     */
    public void add(Tx tx, SpooledBatch batch, Refused refused, Refusal refusal, int rejected, long bytes)
            throws SQLException {
        add(tx, batch, PARTLY_REFUSED, refused, refusal, rejected, bytes);
    }

    private void add(Tx tx, SpooledBatch batch, String reason, Refused refused, Refusal refusal, int died, long bytes)
            throws SQLException {
        tx.change(
                ADD,
                batch.databaseId(),
                batch.sandbox().value(),
                refused.key(),
                died,
                bytes,
                reason,
                refusal.status(),
                refusal.answer(),
                refused.kind(),
                refused.name(),
                refused.seq(),
                refused.delivery(),
                null,
                null,
                null,
                null,
                batch.admittedAt().toEpochMilli(),
                tx.now());
        died(tx, batch.databaseId(), reason, died, bytes);
    }

    /**
     * Keeps a batch whose body cannot be read: all of its events that have no outcome yet.
     *
     * @param detail what is wrong with it
     */
    public void add(Tx tx, SpooledBatch batch, String key, String detail, int unsettled, long bytes)
            throws SQLException {
        tx.change(
                ADD,
                batch.databaseId(),
                batch.sandbox().value(),
                key,
                unsettled,
                bytes,
                UNREADABLE,
                null,
                detail,
                null,
                null,
                null,
                null,
                batch.body(),
                batch.encoding().name().toLowerCase(Locale.ROOT),
                batch.limits().maxBytes(),
                batch.limits().maxDepth(),
                batch.admittedAt().toEpochMilli(),
                tx.now());
        died(tx, batch.databaseId(), UNREADABLE, unsettled, bytes);
    }

    private void died(Tx tx, long databaseId, String reason, int died, long bytes) throws SQLException {
        ledger.add(tx, databaseId, Account.DEAD_LETTERED, reason, died, bytes);
        tx.afterCommit(() -> events.addAndGet(died));
    }

    /** Has them replayed that were marked so, once this is committed. */
    void wake(Tx tx, long databaseId) throws SQLException {
        tx.announce(REPLAY, databaseId, () -> wanted(databaseId));
    }

    private void wanted(long databaseId) {
        wanted.add(databaseId);
        listeners.forEach(listener -> listener.accept(databaseId));
    }

    private void changed(String kind, long key) {
        switch (kind) {
            case REPLAY -> wanted(key);
            case NewsReader.EVERYTHING -> store.read(DeadLetters::replayed).forEach(this::wanted);
            default -> {
                // It is about something else.
            }
        }
    }

    private static Set<Long> replayed(Tx tx) throws SQLException {
        Set<Long> found = new HashSet<>();
        try (ResultSet row = tx.statement(WANTED).executeQuery()) {
            while (row.next()) {
                found.add(row.getLong(1));
            }
        }
        return found;
    }

    private static long count(Tx tx) throws SQLException {
        try (ResultSet row = tx.statement(COUNT).executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** From memory, where nobody else has the store. */
    private long count() {
        if (store.isShared()) {
            try {
                events.set(store.read(DeadLetters::count));
            } catch (StoreException e) {
                log.debug("how many dead letters there are stays as it was: {}", e.getMessage());
            }
        }
        return events.get();
    }

    /** Whether a database may have a letter that is to be delivered again: from memory. */
    public boolean mayHaveReplay(long databaseId) {
        return wanted.contains(databaseId);
    }

    /** The oldest letter of a database that is to be delivered again, or null. */
    public @Nullable Replay next(long databaseId) {
        if (!wanted.remove(databaseId)) {
            return null;
        }
        Replay next = store.<@Nullable Replay>read(tx -> {
            PreparedStatement select = tx.statement(NEXT);
            select.setLong(1, databaseId);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? new Replay(
                                databaseId,
                                row.getLong(1),
                                row.getString(2),
                                row.getString(3),
                                row.getInt(4),
                                row.getLong(5),
                                row.getBytes(6))
                        : null;
            }
        });
        if (next != null) {
            // Also where this one is tried again: what asks for more meanwhile adds it as well.
            wanted.add(databaseId);
        }
        return next;
    }

    /** A replay has arrived. Without a sync: what a lost power takes back is delivered under the same key once more. */
    public void delivered(Replay replay) {
        store.writeUnsynced(tx -> {
            if (removed(tx, replay)) {
                arrived(tx, replay, replay.events(), replay.bytes());
            }
            return null;
        });
    }

    private void arrived(Tx tx, Replay replay, int count, long bytes) throws SQLException {
        ledger.add(tx, replay.databaseId(), Account.DEAD_LETTERED, replay.reason(), -count, -bytes);
        ledger.add(tx, replay.databaseId(), Account.DELIVERED, Ledger.NO_REASON, count, bytes);
        tx.afterCommit(() -> events.addAndGet(-count));
    }

    /**
     * A replay was refused in part again. As all of the letter went out, and what Lantern Rock had before it takes again, those that
     * it has not now are among those that it had not.
     *
     * @param rejected how many of all its records Lantern Rock has not
     */
    public void keptInPart(Replay replay, int rejected, Refusal refusal) {
        int arrived = Math.max(0, replay.events() - rejected);
        long bytes = replay.bytes() * arrived / replay.events();
        store.writeUnsynced(tx -> {
            // It may have been discarded meanwhile, and counted as that.
            if (isThere(tx, replay)) {
                tx.change(
                        REFUSED_IN_PART,
                        refusal.status(),
                        refusal.answer(),
                        arrived,
                        bytes,
                        replay.databaseId(),
                        replay.id());
                arrived(tx, replay, arrived, bytes);
            }
            return null;
        });
    }

    private static boolean isThere(Tx tx, Replay replay) throws SQLException {
        PreparedStatement select = tx.statement(IS_THERE);
        select.setLong(1, replay.databaseId());
        select.setLong(2, replay.id());
        try (ResultSet row = select.executeQuery()) {
            return row.next();
        }
    }

    private static boolean removed(Tx tx, Replay replay) throws SQLException {
        PreparedStatement delete = tx.statement(DELIVERED);
        delete.setLong(1, replay.databaseId());
        delete.setLong(2, replay.id());
        return delete.executeUpdate() > 0;
    }

    /** A replay was refused again: it stays what it was, with the new answer. */
    public void refused(Replay replay, Refusal refusal) {
        store.writeUnsynced(tx -> {
            tx.change(REFUSED_AGAIN, refusal.status(), refusal.answer(), replay.databaseId(), replay.id());
            return null;
        });
    }

    /** Letters of one database are no longer dead: they are counted as something else from that commit on. */
    void left(int count) {
        events.addAndGet(-count);
    }

    @Override
    public void discard(Tx tx, Database database, String reason) throws SQLException {
        record Sum(String reason, long events, long bytes) {}
        var sums = new HashSet<Sum>();
        PreparedStatement select = tx.statement(BY_REASON);
        select.setLong(1, database.id());
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                sums.add(new Sum(row.getString(1), row.getLong(2), row.getLong(3)));
            }
        }
        for (Sum sum : sums) {
            ledger.add(tx, database.id(), Account.DEAD_LETTERED, sum.reason(), -sum.events(), -sum.bytes());
            ledger.add(tx, database.id(), Account.DISCARDED, reason, sum.events(), sum.bytes());
            tx.afterCommit(() -> events.addAndGet(-sum.events()));
        }
        tx.change(REMOVE_ALL, database.id());
    }
}
