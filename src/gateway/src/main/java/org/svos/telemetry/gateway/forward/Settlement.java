package org.svos.telemetry.gateway.forward;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.deadletter.DeadLetters;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.spool.LaneCursor;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.Tx;
import org.svos.telemetry.lanternrock.DeliveryJson;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.TelemetryRecord;

/**
 * What one step of a lane has come to, written in one transaction: the cursor, the ledger, dead letters, streams and cuts move
 * together or not at all.
 */
final class Settlement {

    private static final Logger log = LoggerFactory.getLogger(Settlement.class);

    private final Forwarding shared;
    private final long databaseId;
    private final LaneCursor before;
    private final Map<Stream.Key, Streams.Stored> stored = new HashMap<>();
    private final Map<Stream.Key, Stream> streams = new HashMap<>();
    private final List<Write> writes = new ArrayList<>();
    private long passed;
    private int settled;
    private long delivered;
    private long deliveredBytes;
    private long expired;
    private long expiredBytes;

    /** A part of the transaction. */
    @FunctionalInterface
    private interface Write {
        void in(Tx tx) throws SQLException;
    }

    /**
     * Nothing yet.
     *
     * @param before where the lane was when the step began
     */
    Settlement(Forwarding shared, long databaseId, LaneCursor before) {
        this.shared = shared;
        this.databaseId = databaseId;
        this.before = before;
        this.passed = before.passed();
        this.settled = before.settled();
    }

    /** A stream as the batches of this step have left it. */
    Stream stream(Stream.Key key) {
        Stream left = streams.get(key);
        return left == null ? stored.computeIfAbsent(key, shared.streams()::get).stream() : left;
    }

    void delivered(Shape.Shaped shape, int from, int to) {
        delivered += to - from;
        deliveredBytes += share(shape.batch(), from, to);
        settle(shape, to);
    }

    /** A whole batch, which Lantern Rock has. */
    void delivered(Round.Ahead ahead) {
        delivered += ahead.events();
        deliveredBytes += ahead.bytes();
        streams.put(ahead.stream(), ahead.after());
        passed = ahead.position();
        settled = 0;
    }

    void refused(String database, Shape.Shaped shape, int record, Receipt.Refused refused) {
        SpooledBatch batch = shape.batch();
        long bytes = share(batch, record, record + 1);
        var delivery = shape.part(database, record, record + 1);
        TelemetryRecord only = delivery.records().getFirst();
        var letter = new DeadLetters.Refused(
                delivery.idempotencyKey(),
                only.segments().kind(),
                only.name(),
                only.segments().seq(),
                DeliveryJson.write(delivery));
        var refusal = new DeadLetters.Refusal(refused.status(), refused.answer());
        writes.add(tx -> shared.deadLetters().add(tx, batch, letter, refusal, bytes));
        settle(shape, record + 1);
    }

    /** A delivery that Lantern Rock has in part: each record is dead where it has none, else the letter is the whole of it. */
    void keptInPart(String database, Shape.Shaped shape, int from, int to, Receipt.KeptInPart part) {
        log.atWarn()
                .addKeyValue("batch", shape.batch().key())
                .log(
                        "Lantern Rock rejects {} of {} events of database {} without saying which; they are dead letters. The answer: {}",
                        part.rejected(),
                        to - from,
                        database,
                        part.answer());
        if (part.rejected() >= to - from) {
            var refused = new Receipt.Refused(part.status(), part.answer());
            for (int record = from; record < to; record++) {
                refused(database, shape, record, refused);
            }
            return;
        }
        SpooledBatch batch = shape.batch();
        long all = share(batch, from, to);
        long bytes = all * part.rejected() / (to - from);
        var delivery = shape.part(database, from, to);
        var letter = new DeadLetters.Refused(delivery.idempotencyKey(), null, null, null, DeliveryJson.write(delivery));
        var refusal = new DeadLetters.Refusal(part.status(), part.answer());
        writes.add(tx -> shared.deadLetters().add(tx, batch, letter, refusal, part.rejected(), bytes));
        delivered += to - from - part.rejected();
        deliveredBytes += all - bytes;
        settle(shape, to);
    }

    void unreadable(Shape.Unreadable shape) {
        SpooledBatch batch = shape.batch();
        int unsettled = batch.events() - settled;
        long bytes = share(batch, settled, batch.events());
        writes.add(tx -> shared.deadLetters().add(tx, batch, Shape.key(batch), shape.detail(), unsettled, bytes));
        pass(batch);
    }

    void expired(Shape.Shaped shape) {
        expired += shape.size() - settled;
        expiredBytes += share(shape.batch(), settled, shape.size());
        settle(shape, shape.size());
    }

    /** Cuts the batch before those records; what was delivered of it stays. */
    void cut(SpooledBatch batch, Collection<Integer> records) {
        writes.add(tx -> Cuts.add(tx, databaseId, batch.position(), records));
    }

    private void settle(Shape.Shaped shape, int upTo) {
        if (upTo < shape.size()) {
            settled = upTo;
        } else {
            streams.put(shape.stream(), shape.after());
            pass(shape.batch());
        }
    }

    private void pass(SpooledBatch batch) {
        passed = batch.position();
        settled = 0;
    }

    /** The part of the batch's bytes that the ledger counts for some of its events; all parts come to the whole. */
    private static long share(SpooledBatch batch, int from, int to) {
        return batch.bytes() * to / batch.events() - batch.bytes() * from / batch.events();
    }

    private boolean isNothing() {
        return writes.isEmpty() && passed == before.passed() && settled == before.settled();
    }

    /**
     * Writes it, if the lane is still this process's, and where it was when the step began: somebody may have taken it over, or have
     * discarded what waited, and counted it, while it was on its way.
     *
     * @return whether it was
     */
    boolean commit() {
        if (isNothing()) {
            return true;
        }
        // A lost power takes it back: the same is delivered under the same keys again, and counted then.
        return shared.store().writeUnsynced(this::write);
    }

    private boolean write(Tx tx) throws SQLException {
        if (!shared.tenure().holds(tx, databaseId)
                || !shared.spool().cursor(tx, databaseId).equals(before)) {
            return false;
        }
        // Only the batch at the head goes out in parts: what is settled in part has nothing passed before it.
        if (passed > before.passed()) {
            shared.spool().pass(tx, databaseId, passed);
            Cuts.remove(tx, databaseId, passed);
        } else if (settled != before.settled()) {
            shared.spool().settle(tx, databaseId, settled);
        }
        for (Map.Entry<Stream.Key, Stream> left : streams.entrySet()) {
            shared.streams()
                    .put(tx, left.getKey(), stored.getOrDefault(left.getKey(), Streams.Stored.NOT), left.getValue());
        }
        for (Write write : writes) {
            write.in(tx);
        }
        Ledger ledger = shared.ledger();
        if (delivered > 0) {
            ledger.add(tx, databaseId, Account.DELIVERED, Ledger.NO_REASON, delivered, deliveredBytes);
        }
        if (expired > 0) {
            ledger.add(tx, databaseId, Account.EXPIRED, Ledger.NO_REASON, expired, expiredBytes);
        }
        return true;
    }
}
