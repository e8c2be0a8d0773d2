package org.svos.telemetry.loader.spool;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;

/** The SQL of batches. Every call is within the caller's transaction. */
final class SpoolRows {

    private static final System.Logger LOG = System.getLogger(SpoolRows.class.getName());
    private static final int PAGES_FREED_AT_ONCE = 1024;

    private final Connection connection;

    SpoolRows(Connection connection) {
        this.connection = connection;
    }

    void begin() throws SQLException {
        execute("BEGIN IMMEDIATE");
    }

    void commit() throws SQLException {
        execute("COMMIT");
    }

    /**
     * Takes the transaction back if there still is one: on a full disk SQLite has done so itself. This is why transactions
     * are begun and ended here and not by the driver, which would go on as if it were within one, and commit each
     * statement by itself.
     */
    void rollback() {
        try {
            execute("ROLLBACK");
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "There was nothing to roll back", e);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /** What eviction needs to know of a batch. */
    record Waiting(long id, String boot, long events, long bodyBytes) {}

    /** An earlier boot's sequence numbers are never used again; its ledger ends with its last waiting batch. */
    void forgetOtherBoots(String boot) throws SQLException {
        update("DELETE FROM stream WHERE boot <> ?", boot);
        update("DELETE FROM ring WHERE boot <> ?", boot);
        update("DELETE FROM hook WHERE boot <> ? AND boot NOT IN (SELECT boot FROM batch)", boot);
        update("DELETE FROM tally WHERE boot <> ? AND boot NOT IN (SELECT boot FROM batch)", boot);
    }

    /** The ring that was read last on this boot, or null if none was. */
    @Nullable
    RingMark ring(String boot) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT id, position FROM ring WHERE boot = ?")) {
            query.setString(1, boot);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? new RingMark(row.getLong(1), row.getLong(2)) : null;
            }
        }
    }

    void ring(String boot, RingMark mark) throws SQLException {
        update("INSERT OR REPLACE INTO ring (boot, id, position) VALUES (?, ?, ?)", boot, mark.ring(), mark.position());
    }

    void forgetHooks(String boot) throws SQLException {
        update("DELETE FROM hook WHERE boot = ?", boot);
    }

    Map<SandboxId, Long> nextSeqs(String boot) throws SQLException {
        Map<SandboxId, Long> next = new HashMap<>();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT sandbox, next_seq FROM stream WHERE boot = ?")) {
            query.setString(1, boot);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    next.put(new SandboxId(rows.getString(1)), rows.getLong(2));
                }
            }
        }
        return next;
    }

    void nextSeq(String boot, SandboxId sandbox, long nextSeq) throws SQLException {
        update(
                "INSERT OR REPLACE INTO stream (boot, sandbox, next_seq) VALUES (?, ?, ?)",
                boot,
                sandbox.value(),
                nextSeq);
    }

    void insert(String boot, NewBatch batch, long made) throws SQLException {
        // The row's own id, which is not known before, is its position: ids never come again.
        update("""
                INSERT INTO batch (position, part, boot, sandbox, key, events, bytes, body, made)
                VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'batch'),
                        '', ?, ?, ?, ?, ?, ?, ?)""", boot, batch.sandbox().value(), batch.key(), batch.events(), batch.bytes(), batch.body(), made);
    }

    void insertPart(long of, String place, Part part) throws SQLException {
        update("""
                INSERT INTO batch (position, part, boot, sandbox, key, events, bytes, body, made)
                SELECT position, part || ?, boot, sandbox, ?, ?, ?, ?, made FROM batch WHERE id = ?""", place, part.key(), part.events(), part.bytes(), part.body(), of);
    }

    /**
     * The sandbox's oldest batch, and those behind it that could be one with it: of the same boot, none that was cut, and all
     * together no larger than that.
     */
    List<SpooledBatch> next(SandboxId sandbox, int events, int bytes) throws SQLException {
        List<SpooledBatch> next = new ArrayList<>();
        long eventsLeft = events;
        long bytesLeft = bytes;
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT id, boot, key, events, bytes, part, body FROM batch WHERE sandbox = ?
                ORDER BY position, part""")) {
            query.setString(1, sandbox.value());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    eventsLeft -= row.getLong(4);
                    bytesLeft -= row.getLong(5);
                    boolean isFirst = next.isEmpty();
                    boolean fits = eventsLeft >= 0
                            && bytesLeft >= 0
                            && row.getString(6).isEmpty()
                            && (isFirst
                                    || row.getString(2).equals(next.getFirst().boot()));
                    if (isFirst || fits) {
                        next.add(new SpooledBatch(
                                row.getLong(1),
                                row.getString(2),
                                sandbox,
                                row.getString(3),
                                row.getInt(4),
                                row.getInt(5),
                                row.getBytes(7)));
                    }
                    if (!fits) {
                        break;
                    }
                }
            }
        }
        return next;
    }

    /** The batch that each sandbox sends next. */
    Map<SandboxId, Long> first() throws SQLException {
        Map<SandboxId, Long> first = new HashMap<>();
        for (SandboxId sandbox : sandboxes()) {
            next(sandbox, 1, 0).forEach(batch -> first.put(sandbox, batch.id()));
        }
        return first;
    }

    /** Gives a batch another content, and the key that belongs to it. */
    void become(long id, Part part) throws SQLException {
        update(
                "UPDATE batch SET key = ?, events = ?, bytes = ?, body = ? WHERE id = ?",
                part.key(),
                part.events(),
                part.bytes(),
                part.body(),
                id);
    }

    Set<SandboxId> sandboxes() throws SQLException {
        Set<SandboxId> sandboxes = new HashSet<>();
        try (Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery("SELECT DISTINCT sandbox FROM batch")) {
            while (rows.next()) {
                sandboxes.add(new SandboxId(rows.getString(1)));
            }
        }
        return sandboxes;
    }

    /** The oldest batches whose bodies make up that many bytes, without those that are under way. */
    List<Waiting> oldest(long bytes, Set<Long> underWay) throws SQLException {
        List<Waiting> oldest = new ArrayList<>();
        long found = 0;
        try (Statement query = connection.createStatement();
                ResultSet row = query.executeQuery("SELECT id, boot, events, LENGTH(body) FROM batch ORDER BY id")) {
            while (found < bytes && row.next()) {
                if (!underWay.contains(row.getLong(1))) {
                    oldest.add(new Waiting(row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4)));
                    found += row.getLong(4);
                }
            }
        }
        return oldest;
    }

    /**
     * The batches that were made before then, without those that are under way. It looks no further than to the first that is
     * not: what was cut lies behind younger ones, and goes with them.
     */
    List<Waiting> madeBefore(long then, Set<Long> underWay) throws SQLException {
        List<Waiting> old = new ArrayList<>();
        try (Statement query = connection.createStatement();
                ResultSet row =
                        query.executeQuery("SELECT id, boot, events, LENGTH(body), made FROM batch ORDER BY id")) {
            while (row.next() && row.getLong(5) < then) {
                if (!underWay.contains(row.getLong(1))) {
                    old.add(new Waiting(row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4)));
                }
            }
        }
        return old;
    }

    void delete(long id) throws SQLException {
        update("DELETE FROM batch WHERE id = ?", id);
    }

    void quarantine(SpooledBatch batch, String answer, int kept) throws SQLException {
        update(
                "INSERT INTO quarantine (sandbox, key, at, answer, body) VALUES (?, ?, ?, ?, ?)",
                batch.sandbox().value(),
                batch.key(),
                System.currentTimeMillis(),
                answer,
                batch.body());
        update("DELETE FROM quarantine WHERE id <= (SELECT MAX(id) FROM quarantine) - ?", kept);
    }

    /** Gives free pages at the file's end back to the disk. */
    void shrink() throws SQLException {
        execute("PRAGMA incremental_vacuum(" + PAGES_FREED_AT_ONCE + ")");
    }

    private void update(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
