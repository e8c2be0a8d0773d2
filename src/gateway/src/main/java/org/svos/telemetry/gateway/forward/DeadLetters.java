package org.svos.telemetry.gateway.forward;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.DeliveryJson;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.TelemetryRecord;

/** Events that Lantern Rock will never take as they are: kept, counted, out of the lane's way. */
final class DeadLetters {

    private static final String REFUSED = "refused";
    private static final String UNREADABLE = "unreadable";
    private static final String COUNT = "select coalesce(sum(events), 0) from dead_letter";
    private static final String ADD = """
            insert into dead_letter (database_id, sandbox, idempotency_key, events, reason, status, answer, kind, name, seq,
                delivery, body, encoding, admitted_at, died_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    private final Ledger ledger;
    private final AtomicLong events = new AtomicLong();

    DeadLetters(Store store, Ledger ledger, MeterRegistry meters) {
        this.ledger = ledger;
        events.set(store.read(tx -> {
            try (ResultSet row = tx.statement(COUNT).executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }));
        Gauge.builder("telemetry.dead.letters", events, AtomicLong::get)
                .description("Events that Lantern Rock refused, kept to be replayed or discarded")
                .register(meters);
    }

    /**
     * Keeps the one record of a delivery that was refused.
     *
     * @param bytes of its batch that the ledger counts for it
     */
    void add(Tx tx, SpooledBatch batch, Delivery delivery, Receipt.Refused refused, long bytes) throws SQLException {
        TelemetryRecord record = delivery.records().getFirst();
        PreparedStatement add = common(tx, batch, delivery.idempotencyKey(), 1, REFUSED, refused.answer());
        add.setInt(6, refused.status());
        add.setString(8, record.segments().kind());
        add.setString(9, record.name());
        add.setLong(10, record.segments().seq());
        add.setBytes(11, DeliveryJson.write(delivery));
        add.setNull(12, Types.BINARY);
        add.setNull(13, Types.VARCHAR);
        add.executeUpdate();
        count(tx, batch, REFUSED, 1, bytes);
    }

    /** Keeps a batch whose body cannot be read: all of its events that have no outcome yet. */
    void add(Tx tx, Shape.Unreadable unreadable, int unsettled, long bytes) throws SQLException {
        SpooledBatch batch = unreadable.batch();
        PreparedStatement add = common(tx, batch, Shape.key(batch), unsettled, UNREADABLE, unreadable.detail());
        add.setNull(6, Types.INTEGER);
        add.setNull(8, Types.VARCHAR);
        add.setNull(9, Types.VARCHAR);
        add.setNull(10, Types.BIGINT);
        add.setNull(11, Types.BINARY);
        add.setBytes(12, batch.body());
        add.setString(13, batch.encoding().name().toLowerCase(Locale.ROOT));
        add.executeUpdate();
        count(tx, batch, UNREADABLE, unsettled, bytes);
    }

    private static PreparedStatement common(
            Tx tx, SpooledBatch batch, String key, int events, String reason, String answer) throws SQLException {
        PreparedStatement add = tx.statement(ADD);
        add.setLong(1, batch.databaseId());
        add.setString(2, batch.sandbox().value());
        add.setString(3, key);
        add.setInt(4, events);
        add.setString(5, reason);
        add.setString(7, answer);
        add.setLong(14, batch.admittedAt().toEpochMilli());
        add.setLong(15, tx.now());
        return add;
    }

    private void count(Tx tx, SpooledBatch batch, String reason, int died, long bytes) throws SQLException {
        ledger.add(tx, batch.databaseId(), Account.DEAD_LETTERED, reason, died, bytes);
        tx.afterCommit(() -> events.addAndGet(died));
    }
}
