package org.svos.telemetry.gateway.admission;

import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.event.Rejection;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreException;
import org.svos.telemetry.gateway.store.Tx;

/**
 * The idempotency keys that were admitted, with the answer that each got. They are in the store; what is in memory of a process that
 * has it to itself tells, for nearly every new key, that it need not be asked.
 */
final class AdmittedKeys {

    private static final Logger log = LoggerFactory.getLogger(AdmittedKeys.class);

    private static final int PAGE = 10_000;

    private static final String LOOK = """
            select body_hash, accepted, rejected, admitted_at from admitted_key
            where database_id = ? and sandbox = ? and key = ?""";
    /** An expired key that nobody has swept yet makes room for itself. */
    private static final String REMEMBER = """
            insert into admitted_key (id, database_id, sandbox, key, body_hash, accepted, rejected, admitted_at)
            values (?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (database_id, sandbox, key) do update set id = excluded.id, body_hash = excluded.body_hash,
                accepted = excluded.accepted, rejected = excluded.rejected, admitted_at = excluded.admitted_at""";

    /** Each looked up by itself: of a join the server's plan may be one for the table as it was when there was little in it. */
    private static final String LOOK_FOR_ALL = """
            select wanted.database_id, wanted.sandbox, wanted.key, k.body_hash, k.accepted, k.rejected, k.admitted_at
            from unnest(?, ?, ?) as wanted (database_id, sandbox, key) cross join lateral (
                select body_hash, accepted, rejected, admitted_at from admitted_key
                where database_id = wanted.database_id and sandbox = wanted.sandbox and key = wanted.key limit 1) k""";

    private static final String ALL =
            "select id, database_id, sandbox, key from admitted_key where id > ? order by id limit ?";
    /** Keys are numbered in the order of their admission, so the expired ones are the first. */
    private static final String FORGET_EXPIRED = """
            delete from admitted_key
            where id in (select id from admitted_key order by id limit ?) and admitted_at <= ?""";

    private final Store store;
    private final long memoryMillis;
    private final KeyFilter filter;

    AdmittedKeys(Store store, long memoryMillis) {
        this.store = store;
        this.memoryMillis = memoryMillis;
        filter = new KeyFilter(memoryMillis, store.now());
        if (!store.isShared()) {
            Thread.ofPlatform().daemon().name("admitted-keys").start(this::fillFilter);
        }
    }

    /** Until this is done every key is looked for in the store. */
    private void fillFilter() {
        try {
            long last = 0;
            while (last >= 0) {
                long after = last;
                last = store.read(tx -> page(tx, after));
            }
            filter.complete();
        } catch (StoreException e) {
            log.warn("The keys that were admitted before are looked for one by one: {}", e.getMessage());
        }
    }

    private long page(Tx tx, long after) throws SQLException {
        PreparedStatement all = tx.statement(ALL);
        all.setLong(1, after);
        all.setInt(2, PAGE);
        long last = -1;
        try (ResultSet row = all.executeQuery()) {
            while (row.next()) {
                last = row.getLong(1);
                filter.add(row.getLong(2), row.getString(3), row.getString(4), store.now());
            }
        }
        return last;
    }

    /** What is known of a batch's key. */
    sealed interface Known {

        /** It was never admitted, or too long ago. */
        record Fresh() implements Known {}

        /** It was admitted, with this answer, and with the same body or another. */
        record Admitted(boolean sameBody, int accepted, List<Rejection> rejected) implements Known {}
    }

    static final Known FRESH = new Known.Fresh();

    /** Whose key it is, and which. */
    record Key(long databaseId, String sandbox, String key) {

        static Key of(Batch batch) {
            return new Key(batch.database().id(), batch.sandbox().value(), batch.key());
        }
    }

    /** What is known of the keys of those batches, in a shared store; of one that is not there, nothing. */
    Map<Key, Known> lookForAll(Tx tx, List<Batch> batches) throws SQLException {
        Map<Key, Batch> wanted = new HashMap<>(); // Each once: what is in use already is not admitted.
        batches.forEach(batch -> wanted.put(Key.of(batch), batch));
        PreparedStatement look = tx.statement(LOOK_FOR_ALL);
        look.setArray(
                1, tx.numbers(wanted.keySet().stream().map(Key::databaseId).toList()));
        look.setArray(2, tx.texts(wanted.keySet().stream().map(Key::sandbox).toList()));
        look.setArray(3, tx.texts(wanted.keySet().stream().map(Key::key).toList()));
        Map<Key, Known> known = new HashMap<>();
        try (ResultSet row = look.executeQuery()) {
            while (row.next()) {
                Key key = new Key(row.getLong(1), row.getString(2), row.getString(3));
                Batch batch = wanted.get(key);
                if (batch != null && row.getLong(7) > tx.now() - memoryMillis) {
                    boolean sameBody = MessageDigest.isEqual(row.getBytes(4), batch.bodyHash());
                    known.put(key, new Known.Admitted(sameBody, row.getInt(5), Rejections.read(row.getString(6))));
                }
            }
        }
        return known;
    }

    /** What is known of a key, that of a group's earlier batch not included. */
    Known look(Batch batch, long now) {
        if (!filter.mayHave(batch.database().id(), batch.sandbox().value(), batch.key())) {
            return FRESH;
        }
        return store.read(tx -> {
            PreparedStatement look = tx.statement(LOOK);
            look.setLong(1, batch.database().id());
            look.setString(2, batch.sandbox().value());
            look.setString(3, batch.key());
            try (ResultSet row = look.executeQuery()) {
                if (!row.next() || row.getLong(4) <= now - memoryMillis) {
                    return FRESH;
                }
                boolean sameBody = MessageDigest.isEqual(row.getBytes(1), batch.bodyHash());
                return new Known.Admitted(sameBody, row.getInt(2), Rejections.read(row.getString(3)));
            }
        });
    }

    void remember(Changes changes, Batch batch, long position) {
        long databaseId = batch.database().id();
        String sandbox = batch.sandbox().value();
        changes.change(
                REMEMBER,
                position,
                databaseId,
                sandbox,
                batch.key(),
                batch.bodyHash(),
                batch.summary().valid(),
                Rejections.write(batch.summary().rejected()),
                changes.now());
        if (!store.isShared()) {
            changes.afterCommit(() -> filter.add(databaseId, sandbox, batch.key(), changes.now()));
        }
    }

    /** Forgets expired keys among that many of the oldest; whether there may be more. */
    boolean forgetExpired(Tx tx, int keys) throws SQLException {
        PreparedStatement forget = tx.statement(FORGET_EXPIRED);
        forget.setInt(1, keys);
        forget.setLong(2, tx.now() - memoryMillis);
        return forget.executeUpdate() == keys;
    }
}
