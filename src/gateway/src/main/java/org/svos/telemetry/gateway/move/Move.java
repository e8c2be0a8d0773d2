package org.svos.telemetry.gateway.move;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.store.MoveMark;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Takes all that a store on SQLite holds to one on PostgreSQL, under the same keys and positions. In this order, so that it can be
 * ended at any moment and be run again:
 *
 * <pre>
 * 1  the folder is marked as being moved, with the ID of this move   no gateway starts on it any more, so it stays as it is
 * 2  the target, which must be empty, gets a row with that ID        no gateway starts on it either
 * 3  table by table, chunk by chunk, each with how far it is         a chunk is there with its progress, or not at all
 * 4  sequences go on behind all that was ever given
 * 5  both sides are compared
 * 6  the target's row says that it is whole                          gateways may start on it
 * 7  the folder is marked as moved
 * </pre>
 *
 * A target whose row has another ID, or that is not empty and has none, is refused.
 */
final class Move {

    private static final String THIS = "select move, finished_at is not null from moved_store";
    private static final String BEGIN = "insert into moved_store (move, source, began_at) values (?, ?, ?)";
    private static final String FINISH = "update moved_store set finished_at = ? where move = ?";
    private static final String RUNNING = "select count(*) from gateway where seen_at > ?";
    private static final String PROGRESS = "select after, moved, bytes from moved_table where name = ?";
    private static final String ADVANCE = """
            insert into moved_table (name, after, moved, bytes) values (?, ?, ?, ?)
            on conflict (name) do update set after = excluded.after, moved = moved_table.moved + excluded.moved,
                bytes = moved_table.bytes + excluded.bytes""";
    private static final String COUNTERS = "select name, seq from sqlite_sequence";
    private static final String COUNT_ON = "select setval(pg_get_serial_sequence(?, 'id'), ?)";
    private static final String LAST_POSITION = "select position from spool_end";
    private static final String NEXT_POSITION = "select setval('spool_position', ?, false)";

    /** What positions are given by; see the spool. */
    private static final long BLOCK = 4_096;

    /** A gateway says twice a second that it runs. */
    private static final long RUNNING_MILLIS = 5_000;

    private static final long ENOUGH_BYTES = 4 << 20;
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Path data;
    private final Store source;
    private final Store target;
    private final int chunkRows;
    private final Telling telling;

    /** Is told how it goes. */
    interface Telling {

        /** For people. */
        void line(String text);

        /** A chunk is there. */
        default void chunk(String table, long rows) {}
    }

    /**
     * A move.
     *
     * @param data the source's folder
     * @param chunkRows in a transaction at most
     */
    Move(Path data, Store source, Store target, int chunkRows, Telling telling) {
        this.data = data;
        this.source = source;
        this.target = target;
        this.chunkRows = chunkRows;
        this.telling = telling;
    }

    /**
     * Moves what is not there yet, and compares.
     *
     * @throws MoveFault if it cannot begin or go on, or the two are not the same
     */
    void run() {
        Schema.check(source);
        MoveMark mark = MoveMark.of(data);
        if (mark == null) {
            mark = MoveMark.begin(target.place());
            refuseFilled(); // before the folder is marked
            mark.write(data);
        }
        if (begin(mark.move())) {
            telling.line(
                    "done        the target has been whole since an earlier run, and gateways may have gone on with it");
        } else {
            long began = System.nanoTime();
            Totals totals = copyAll();
            countOn();
            Comparison.run(source, target, telling);
            finish(mark.move());
            double seconds = (System.nanoTime() - began) / 1e9;
            telling.line("moved       %,d rows, %,d MB of byte strings; this run took %.1f s"
                    .formatted(totals.rows, totals.bytes >> 20, seconds));
        }
        if (!mark.done()) {
            mark.finished().write(data);
        }
    }

    private record Totals(long rows, long bytes) {}

    private void refuseFilled() {
        List<String> filled = target.read(tx -> {
            refuseRunning(tx);
            try (ResultSet row = tx.statement(THIS).executeQuery()) {
                return row.next() ? List.of("moved_store") : Schema.filled(tx);
            }
        });
        if (!filled.isEmpty()) {
            throw new MoveFault("The store " + target.place() + " is not empty, and what it holds is not of this move ("
                    + String.join(", ", filled) + "). Name an empty database, or make this one anew.");
        }
    }

    /** Whether it is whole already. */
    private boolean begin(String move) {
        String known = target.<@Nullable String>read(tx -> {
            try (ResultSet row = tx.statement(THIS).executeQuery()) {
                return row.next() ? row.getString(1) + (row.getBoolean(2) ? " whole" : "") : null;
            }
        });
        if (known == null) {
            refuseFilled();
            target.write(tx -> {
                tx.change(BEGIN, move, source.place(), tx.now());
                return null;
            });
            return false;
        }
        if (!known.startsWith(move)) {
            throw new MoveFault("The store " + target.place() + " holds a part of another move than that of " + data
                    + ". Make the database anew, or name another.");
        }
        return known.endsWith(" whole");
    }

    private static void refuseRunning(Tx tx) throws SQLException {
        PreparedStatement running = tx.statement(RUNNING);
        running.setLong(1, tx.now() - RUNNING_MILLIS);
        try (ResultSet row = running.executeQuery()) {
            row.next();
            if (row.getLong(1) > 0) {
                throw new MoveFault(
                        row.getLong(1) + " gateways run on the target. Stop them, and run the command again.");
            }
        }
    }

    private Totals copyAll() {
        long rows = 0;
        long bytes = 0;
        for (String table : Schema.MOVED) {
            Progress progress = copy(table);
            rows += progress.moved;
            bytes += progress.bytes;
        }
        return new Totals(rows, bytes);
    }

    private record Progress(long after, long moved, long bytes) {

        Progress with(Rows.Chunk chunk) {
            return new Progress(chunk.last(), moved + chunk.rows().size(), bytes + chunk.bytes());
        }
    }

    private Progress copy(String table) {
        Rows rows = new Rows(source, table, Schema.columns(source, target, table));
        String insert = "insert into " + table + " (" + String.join(", ", rows.columns()) + ") values ("
                + String.join(", ", Collections.nCopies(rows.columns().size(), "?")) + ")";
        Progress progress = target.read(tx -> progress(tx, table));
        long began = System.nanoTime();
        long told = began;
        for (Rows.Chunk chunk = rows.after(progress.after, chunkRows, ENOUGH_BYTES);
                !chunk.rows().isEmpty();
                chunk = rows.after(progress.after, chunkRows, ENOUGH_BYTES)) {
            write(table, rows, insert, chunk);
            progress = progress.with(chunk);
            telling.chunk(table, progress.moved);
            if (System.nanoTime() - told >= TELL_NANOS) {
                told = System.nanoTime();
                tell("...", table, progress, began);
            }
        }
        tell("", table, progress, began);
        if (rows.unreadable() > 0) {
            telling.line("DAMAGED     " + rows.unreadable() + " pieces of the spool cannot be read from the journal;"
                    + " their lanes will put them into quarantine. Keep the folder.");
        }
        return progress;
    }

    private void write(String table, Rows rows, String insert, Rows.Chunk chunk) {
        try {
            target.writeUnsynced(tx -> write(tx, table, rows, insert, chunk));
        } catch (IllegalStateException e) {
            throw new MoveFault("Rows of the table " + table + " up to the one of number " + chunk.last()
                    + " are not taken by " + target.place() + ": " + e.getMessage());
        }
    }

    private static @Nullable Void write(Tx tx, String table, Rows rows, String insert, Rows.Chunk chunk)
            throws SQLException {
        refuseRunning(tx);
        PreparedStatement statement = tx.statement(insert);
        for (@Nullable Object[] values : chunk.rows()) {
            rows.set(statement, values);
            statement.addBatch();
        }
        statement.executeBatch();
        tx.change(ADVANCE, table, chunk.last(), (long) chunk.rows().size(), chunk.bytes());
        return null;
    }

    private static Progress progress(Tx tx, String table) throws SQLException {
        PreparedStatement of = tx.statement(PROGRESS);
        of.setString(1, table);
        try (ResultSet row = of.executeQuery()) {
            return row.next()
                    ? new Progress(row.getLong(1), row.getLong(2), row.getLong(3))
                    : new Progress(Long.MIN_VALUE, 0, 0);
        }
    }

    private void tell(String more, String table, Progress progress, long began) {
        telling.line("%-20s %,12d rows  %,8d MB  %6.1f s %s"
                .formatted(table, progress.moved, progress.bytes >> 20, (System.nanoTime() - began) / 1e9, more)
                .stripTrailing());
    }

    /** What was ever given as a key or position is never given again, also where its row is gone. */
    private void countOn() {
        record Counter(String table, long last) {}
        List<Counter> counters = source.read(tx -> {
            List<Counter> all = new ArrayList<>();
            try (ResultSet row = tx.statement(COUNTERS).executeQuery()) {
                while (row.next()) {
                    all.add(new Counter(row.getString(1), row.getLong(2)));
                }
            }
            return all;
        });
        long last = source.read(tx -> {
            try (ResultSet row = tx.statement(LAST_POSITION).executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
        target.write(tx -> {
            for (Counter counter : counters) {
                if (Schema.MOVED.contains(counter.table) && counter.last > 0) {
                    PreparedStatement countOn = tx.statement(COUNT_ON);
                    countOn.setString(1, counter.table);
                    countOn.setLong(2, counter.last);
                    countOn.executeQuery().close();
                }
            }
            PreparedStatement next = tx.statement(NEXT_POSITION);
            next.setLong(1, Math.ceilDiv(last, BLOCK) * BLOCK + 1);
            next.executeQuery().close();
            return null;
        });
    }

    private void finish(String move) {
        target.write(tx -> {
            refuseRunning(tx);
            tx.change(FINISH, tx.now(), move);
            return null;
        });
    }
}
