package org.svos.telemetry.gateway.deadletter;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.audit.Audit;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Encoding;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * What an owner does with dead letters. A single record is delivered again by its database's lane. A batch that could not be read
 * goes back to the spool, behind what waits there, under the key that it would have been delivered under: a newer gateway may be
 * able to read it. Neither costs any quota, which was paid when the batch was accepted.
 */
final class Letters {

    /** The ledger's reason for what an owner threw away. */
    static final String DISCARDED = "dead-letter";

    private static final String COLUMNS = """
            select id, sandbox, events, reason, status, answer, kind, name, seq, idempotency_key, admitted_at, died_at, replay_at
            """;
    private static final String LIST =
            COLUMNS + " from dead_letter where database_id = ? and id > ? order by id limit ?";
    private static final String FIND = COLUMNS + ", delivery from dead_letter where database_id = ? and id = ?";
    private static final String BODY = """
            select sandbox, idempotency_key, events, bytes, body, encoding, payload_bytes, payload_depth, admitted_at
            from dead_letter where database_id = ? and id = ?""";
    private static final String SIZE = "select reason, events, bytes from dead_letter where database_id = ? and id = ?";
    private static final String UNREADABLE = """
            select id from dead_letter where database_id = ? and reason = 'unreadable' and id > ? and id <= ?
            order by id limit 1""";
    private static final String LAST = "select coalesce(max(id), 0) from dead_letter where database_id = ?";
    private static final String WANT =
            "update dead_letter set replay_at = ? where database_id = ? and id = ? and delivery is not null";
    private static final String WANT_ALL = """
            update dead_letter set replay_at = ? where database_id = ? and delivery is not null and replay_at is null""";
    private static final String EVENTS_TO_WANT = """
            select coalesce(sum(events), 0) from dead_letter
            where database_id = ? and delivery is not null and replay_at is null""";
    private static final String REMOVE = "delete from dead_letter where id = ?";

    private final Store store;
    private final Spool spool;
    private final Ledger ledger;
    private final DeadLetters deadLetters;

    Letters(Store store, Spool spool, Ledger ledger, DeadLetters deadLetters) {
        this.store = store;
        this.spool = spool;
        this.ledger = ledger;
        this.deadLetters = deadLetters;
    }

    /** Letters after that one, the oldest first. */
    List<DeadLetter> list(Database database, long after, int limit) {
        return store.read(tx -> {
            PreparedStatement select = tx.statement(LIST);
            select.setLong(1, database.id());
            select.setLong(2, after);
            select.setInt(3, limit);
            List<DeadLetter> letters = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    letters.add(letter(row, null));
                }
            }
            return letters;
        });
    }

    @Nullable
    DeadLetter find(Database database, long id) {
        return store.<@Nullable DeadLetter>read(tx -> find(tx, database, id));
    }

    private static @Nullable DeadLetter find(Tx tx, Database database, long id) throws SQLException {
        PreparedStatement select = tx.statement(FIND);
        select.setLong(1, database.id());
        select.setLong(2, id);
        try (ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                return null;
            }
            byte[] delivery = row.getBytes(14);
            return letter(row, delivery == null ? null : new String(delivery, StandardCharsets.UTF_8));
        }
    }

    private static DeadLetter letter(ResultSet row, @Nullable String delivery) throws SQLException {
        int status = row.getInt(5);
        Integer told = row.wasNull() ? null : status;
        long seq = row.getLong(9);
        Long numbered = row.wasNull() ? null : seq;
        long replayAt = row.getLong(13);
        Instant asked = row.wasNull() ? null : Instant.ofEpochMilli(replayAt);
        return new DeadLetter(
                Long.toString(row.getLong(1)),
                row.getString(2),
                row.getInt(3),
                row.getString(4),
                told,
                row.getString(6),
                row.getString(7),
                row.getString(8),
                numbered,
                row.getString(10),
                Instant.ofEpochMilli(row.getLong(11)),
                Instant.ofEpochMilli(row.getLong(12)),
                asked,
                delivery);
    }

    /** What a call for replays came to. */
    record Asked(int letters, long events) {}

    /** Has one letter delivered again; how many events that is, 0 if there is no such letter. */
    int replay(Caller caller, Database database, long id) {
        DeadLetter letter = store.<@Nullable DeadLetter>write(tx -> {
            DeadLetter found = find(tx, database, id);
            if (found != null) {
                tx.change(WANT, tx.now(), database.id(), id);
                Audit.add(tx, caller, "dead-letter.replay", database.name(), "letter " + id);
                deadLetters.wake(tx, database.id());
            }
            return found;
        });
        if (letter == null) {
            return 0;
        }
        if (letter.delivery() == null) {
            giveBack(database, id);
        }
        return letter.events();
    }

    /** Has all letters that a database has now delivered again, but for those that are to be anyway. */
    Asked replayAll(Caller caller, Database database) {
        // Up to here: what still cannot be read will be a letter again, behind it.
        long last = last(database);
        Asked asked = store.write(tx -> {
            long events = wanted(tx, database);
            PreparedStatement want = tx.statement(WANT_ALL);
            want.setLong(1, tx.now());
            want.setLong(2, database.id());
            int marked = want.executeUpdate();
            Audit.add(tx, caller, "dead-letter.replay", database.name(), "all");
            deadLetters.wake(tx, database.id());
            return new Asked(marked, events);
        });
        for (Long id = unreadable(database, 0, last); id != null; id = unreadable(database, id, last)) {
            long one = id;
            int events = giveBack(database, one);
            asked = new Asked(asked.letters() + (events > 0 ? 1 : 0), asked.events() + events);
        }
        return asked;
    }

    /** The events of all letters that are about to be marked. */
    private static long wanted(Tx tx, Database database) throws SQLException {
        PreparedStatement select = tx.statement(EVENTS_TO_WANT);
        select.setLong(1, database.id());
        try (ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private long last(Database database) {
        return store.read(tx -> {
            PreparedStatement select = tx.statement(LAST);
            select.setLong(1, database.id());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    private @Nullable Long unreadable(Database database, long after, long last) {
        return store.<@Nullable Long>read(tx -> {
            PreparedStatement select = tx.statement(UNREADABLE);
            select.setLong(1, database.id());
            select.setLong(2, after);
            select.setLong(3, last);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : null;
            }
        });
    }

    /** Puts a batch that could not be read back into the spool, while nobody else decides; how many events that gives back. */
    private int giveBack(Database database, long id) {
        return store.decide(List.of(database.id()), deciding -> {
            SpooledBatch batch = deciding.<@Nullable SpooledBatch>read(tx -> body(tx, database, id));
            if (batch == null) {
                return 0;
            }
            Changes changes = deciding.changes();
            spool.append(deciding, List.of(batch));
            changes.change(REMOVE, id);
            ledger.add(
                    changes,
                    database.id(),
                    database.name(),
                    Account.DEAD_LETTERED,
                    DeadLetters.UNREADABLE,
                    -batch.events(),
                    -batch.bytes());
            changes.afterCommit(() -> deadLetters.left(batch.events()));
            return batch.events();
        });
    }

    private static @Nullable SpooledBatch body(Tx tx, Database database, long id) throws SQLException {
        PreparedStatement select = tx.statement(BODY);
        select.setLong(1, database.id());
        select.setLong(2, id);
        try (ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                return null;
            }
            byte[] body = row.getBytes(5);
            SandboxId sandbox = SandboxId.parse(row.getString(1));
            if (body == null || sandbox == null) {
                return null;
            }
            int maxBytes = row.getInt(7);
            PayloadLimits limits = row.wasNull() ? PayloadLimits.CONTRACT : new PayloadLimits(maxBytes, row.getInt(8));
            String key = row.getString(2);
            return new SpooledBatch(
                    0,
                    database.id(),
                    sandbox,
                    // <sandbox>/<batch key>/<admission>
                    key.substring(key.indexOf('/') + 1, key.lastIndexOf('/')),
                    Instant.ofEpochMilli(row.getLong(9)),
                    row.getInt(3),
                    row.getLong(4),
                    limits,
                    Encoding.valueOf(row.getString(6).toUpperCase(Locale.ROOT)),
                    body);
        }
    }

    /** Throws one letter away and counts it as discarded; whether it was there. */
    boolean discard(Caller caller, Database database, long id) {
        return store.writeAlone(database.id(), tx -> {
            String reason;
            int events;
            long bytes;
            PreparedStatement select = tx.statement(SIZE);
            select.setLong(1, database.id());
            select.setLong(2, id);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
                reason = row.getString(1);
                events = row.getInt(2);
                bytes = row.getLong(3);
            }
            tx.change(REMOVE, id);
            ledger.add(tx, database.id(), Account.DEAD_LETTERED, reason, -events, -bytes);
            ledger.add(tx, database.id(), Account.DISCARDED, DISCARDED, events, bytes);
            Audit.add(tx, caller, "dead-letter.discard", database.name(), "letter " + id + ", " + events + " events");
            tx.afterCommit(() -> deadLetters.left(events));
            return true;
        });
    }
}
