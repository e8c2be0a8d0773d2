package org.svos.telemetry.gateway.spool;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/** Reads batches for the lanes, checks each, and puts those that fail into quarantine. */
final class SpoolReader {

    private static final Logger log = LoggerFactory.getLogger(SpoolReader.class);

    private static final String CORRUPT = "corrupt";
    private static final String NEXT = """
            select position, admitted_at, sandbox, key, encoding, events, bytes, checksum, body from spool
            where database_id = ? and position > ? order by position limit ?""";
    private static final String MOVE_ASIDE = """
            insert into quarantine (position, database_id, events, bytes, admitted_at, sandbox, key, encoding, checksum,
                body, reason, quarantined_at)
            select position, database_id, events, bytes, admitted_at, sandbox, key, encoding, checksum, body, ?, ?
            from spool where position = ?""";
    private static final String FIRST_WAITING = """
            select min(s.position) from spool s left join lane l on l.database_id = s.database_id
            where s.database_id = ? and s.position > coalesce(l.passed, 0)""";
    private static final String UNSETTLE = "update lane set settled = 0 where database_id = ?";
    private static final String REMOVE = "delete from spool where position = ?";

    private final Store store;
    private final Ledger ledger;
    private final SpoolGauges gauges;

    SpoolReader(Store store, Ledger ledger, SpoolGauges gauges) {
        this.store = store;
        this.ledger = ledger;
        this.gauges = gauges;
    }

    static long checksum(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body, 0, body.length);
        return crc.getValue();
    }

    List<SpooledBatch> next(long databaseId, long after, int maxBatches, long maxBytes) {
        while (true) {
            Page page = store.read(tx -> page(tx, databaseId, after, maxBatches, maxBytes));
            for (SpooledBatch corrupt : page.corrupt()) {
                quarantine(corrupt, CORRUPT);
            }
            if (!page.sound().isEmpty() || page.corrupt().isEmpty()) {
                return page.sound();
            }
        }
    }

    private record Page(List<SpooledBatch> sound, List<SpooledBatch> corrupt) {}

    private static Page page(Tx tx, long databaseId, long after, int maxBatches, long maxBytes) throws SQLException {
        Page page = new Page(new ArrayList<>(), new ArrayList<>());
        PreparedStatement next = tx.statement(NEXT);
        next.setLong(1, databaseId);
        next.setLong(2, after);
        next.setInt(3, maxBatches);
        long size = 0;
        try (ResultSet row = next.executeQuery()) {
            while (row.next()) {
                byte[] body = row.getBytes(9);
                size += body.length;
                if (size > maxBytes && !page.sound().isEmpty()) {
                    break;
                }
                SpooledBatch batch = new SpooledBatch(
                        row.getLong(1),
                        databaseId,
                        new SandboxId(row.getString(3)),
                        row.getString(4),
                        Instant.ofEpochMilli(row.getLong(2)),
                        row.getInt(6),
                        row.getLong(7),
                        Encoding.valueOf(row.getString(5).toUpperCase(Locale.ROOT)),
                        body);
                boolean sound = checksum(body) == row.getLong(8);
                (sound ? page.sound() : page.corrupt()).add(batch);
            }
        }
        return page;
    }

    /** Moves a batch aside. Its events count as discarded, but for those that had their outcome already. */
    private void quarantine(SpooledBatch batch, String reason) {
        log.error(
                "A batch of {} events in the spool, position {}, database key {}, sandbox {}, is {}: it is in quarantine",
                batch.events(),
                batch.position(),
                batch.databaseId(),
                batch.sandbox(),
                reason);
        store.write(tx -> {
            PreparedStatement aside = tx.statement(MOVE_ASIDE);
            aside.setString(1, reason);
            aside.setLong(2, tx.now());
            aside.setLong(3, batch.position());
            if (aside.executeUpdate() == 0) {
                return null;
            }
            int settled = unsettle(tx, batch);
            PreparedStatement remove = tx.statement(REMOVE);
            remove.setLong(1, batch.position());
            remove.executeUpdate();
            long events = (long) batch.events() - settled;
            ledger.add(tx, batch.databaseId(), Account.DISCARDED, reason, events, batch.bytes());
            tx.afterCommit(() -> gauges.removed(new Waiting(events, batch.bytes())));
            return null;
        });
    }

    private static int unsettle(Tx tx, SpooledBatch batch) throws SQLException {
        PreparedStatement first = tx.statement(FIRST_WAITING);
        first.setLong(1, batch.databaseId());
        try (ResultSet row = first.executeQuery()) {
            if (!row.next() || row.getLong(1) != batch.position()) {
                return 0;
            }
        }
        PreparedStatement cursor = tx.statement(Spool.CURSOR);
        cursor.setLong(1, batch.databaseId());
        int settled;
        try (ResultSet row = cursor.executeQuery()) {
            settled = row.next() ? row.getInt(2) : 0;
        }
        PreparedStatement unsettle = tx.statement(UNSETTLE);
        unsettle.setLong(1, batch.databaseId());
        unsettle.executeUpdate();
        return settled;
    }
}
