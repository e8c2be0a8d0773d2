package org.svos.telemetry.gateway.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Commits that the journal has and the file has not yet. Every transaction that writes does them first, in their order, so
 * whoever reads the file after it sees a state that was, and no commit is done twice: the file says in the same transaction
 * which was the last.
 */
final class CatchUp {

    private static final String APPLIED = "select sequence from journal";
    private static final String APPLY = "update journal set sequence = ?";

    private final Deque<Frame> waiting = new ArrayDeque<>();

    private volatile long kept;
    private volatile long applied;
    /** Changes that wait, of all commits. */
    private volatile long changes;

    /** Starts where the file is. */
    void start(Tx tx) throws SQLException {
        applied = applied(tx);
        kept = applied;
    }

    /** The sequence of the last commit that the file has in that snapshot. */
    static long applied(Tx tx) throws SQLException {
        try (ResultSet row = tx.statement(APPLIED).executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The sequence of the last commit that the file has. */
    long applied() {
        return applied;
    }

    /** The sequence of the last commit that was kept. */
    long kept() {
        return kept;
    }

    synchronized void add(Frame frame) {
        waiting.addLast(frame);
        changes += frame.changes().size();
        kept = frame.sequence();
    }

    /** Whether there is anything that the file has not. */
    boolean isBehind() {
        return applied < kept;
    }

    /** How many changes are waiting to be done. */
    long changes() {
        return changes;
    }

    private synchronized List<Frame> waiting(long most) {
        List<Frame> frames = new ArrayList<>();
        long taken = 0;
        for (Frame frame : waiting) {
            frames.add(frame);
            taken += frame.changes().size();
            if (taken >= most) {
                break;
            }
        }
        return frames;
    }

    /** Does commits, until they had that many changes or there are no more. */
    void apply(Tx tx, long most) throws SQLException {
        if (!isBehind()) {
            return;
        }
        List<Frame> frames = waiting(most);
        Merging merging = new Merging();
        for (Frame frame : frames) {
            frame.applyTo(tx, merging);
        }
        merging.applyTo(tx);
        long last = frames.getLast().sequence();
        PreparedStatement apply = tx.statement(APPLY);
        apply.setLong(1, last);
        apply.executeUpdate();
        tx.afterCommit(() -> done(last));
    }

    private synchronized void done(long last) {
        while (!waiting.isEmpty() && waiting.getFirst().sequence() <= last) {
            changes -= waiting.removeFirst().changes().size();
        }
        applied = last;
    }
}
