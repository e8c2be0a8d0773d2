package org.svos.telemetry.gateway.admission;

import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.svos.telemetry.event.Rejection;
import org.svos.telemetry.gateway.store.Tx;

/** The idempotency keys that were admitted, with the answer that each got. */
final class AdmittedKeys {

    /** One look tells both: whether the sandbox is still registered to the database, and whether the key was admitted. */
    private static final String LOOK = """
            select k.id, k.body_hash, k.accepted, k.rejected, k.admitted_at
            from sandbox s left join admitted_key k
                on k.database_id = s.database_id and k.sandbox = s.sandbox_id and k.key = ?
            where s.sandbox_id = ? and s.database_id = ?""";

    private static final String REMEMBER = """
            insert into admitted_key (database_id, sandbox, key, body_hash, accepted, rejected, admitted_at)
            values (?, ?, ?, ?, ?, ?, ?)""";
    private static final String FORGET = "delete from admitted_key where id = ?";
    /** Keys are numbered in the order of their admission, so the expired ones are the first. */
    private static final String FORGET_EXPIRED = """
            delete from admitted_key
            where id in (select id from admitted_key order by id limit ?) and admitted_at <= ?""";

    private final long memoryMillis;

    AdmittedKeys(long memoryMillis) {
        this.memoryMillis = memoryMillis;
    }

    /** What is known of a batch's key. */
    sealed interface Known {

        /** It was never admitted, or too long ago. */
        record Fresh() implements Known {}

        /** It was admitted, with this answer, and with the same body or another. */
        record Admitted(boolean sameBody, int accepted, List<Rejection> rejected) implements Known {}

        /** The sandbox is not registered to the database any more. */
        record NoSandbox() implements Known {}
    }

    private static final Known FRESH = new Known.Fresh();
    private static final Known NO_SANDBOX = new Known.NoSandbox();

    Known look(Tx tx, Batch batch) throws SQLException {
        PreparedStatement look = tx.statement(LOOK);
        look.setString(1, batch.key());
        look.setString(2, batch.sandbox().value());
        look.setLong(3, batch.database().id());
        long expired;
        try (ResultSet row = look.executeQuery()) {
            if (!row.next()) {
                return NO_SANDBOX;
            }
            long id = row.getLong(1);
            if (id == 0) {
                return FRESH;
            }
            if (row.getLong(5) > tx.now() - memoryMillis) {
                boolean sameBody = MessageDigest.isEqual(row.getBytes(2), batch.bodyHash());
                return new Known.Admitted(sameBody, row.getInt(3), Rejections.read(row.getString(4)));
            }
            expired = id;
        }
        PreparedStatement forget = tx.statement(FORGET);
        forget.setLong(1, expired);
        forget.executeUpdate();
        return FRESH;
    }

    void remember(Tx tx, Batch batch) throws SQLException {
        PreparedStatement remember = tx.statement(REMEMBER);
        remember.setLong(1, batch.database().id());
        remember.setString(2, batch.sandbox().value());
        remember.setString(3, batch.key());
        remember.setBytes(4, batch.bodyHash());
        remember.setInt(5, batch.summary().valid());
        remember.setString(6, Rejections.write(batch.summary().rejected()));
        remember.setLong(7, tx.now());
        remember.executeUpdate();
    }

    /** Forgets expired keys among that many of the oldest; whether there may be more. */
    boolean forgetExpired(Tx tx, int keys) throws SQLException {
        PreparedStatement forget = tx.statement(FORGET_EXPIRED);
        forget.setInt(1, keys);
        forget.setLong(2, tx.now() - memoryMillis);
        return forget.executeUpdate() == keys;
    }
}
