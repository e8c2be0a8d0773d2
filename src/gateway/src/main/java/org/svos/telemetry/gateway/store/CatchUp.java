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

    /** Starts where the file is. */
    void start(Tx tx) throws SQLException {
        try (ResultSet row = tx.statement(APPLIED).executeQuery()) {
            row.next();
            applied = row.getLong(1);
            kept = applied;
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
        kept = frame.sequence();
    }

    /** Whether there is anything that the file has not. */
    boolean isBehind() {
        return applied < kept;
    }

    /** By how many commits. */
    long behind() {
        return kept - applied;
    }

    private synchronized List<Frame> waiting(int most) {
        List<Frame> frames = new ArrayList<>(Math.min(most, waiting.size()));
        for (Frame frame : waiting) {
            if (frames.size() == most) {
                break;
            }
            frames.add(frame);
        }
        return frames;
    }

    /** Does up to so many of them. */
    void apply(Tx tx, int most) throws SQLException {
        if (!isBehind()) {
            return;
        }
        List<Frame> frames = waiting(most);
        for (Frame frame : frames) {
            frame.applyTo(tx);
        }
        long last = frames.getLast().sequence();
        PreparedStatement apply = tx.statement(APPLY);
        apply.setLong(1, last);
        apply.executeUpdate();
        tx.afterCommit(() -> done(last));
    }

    private synchronized void done(long last) {
        while (!waiting.isEmpty() && waiting.getFirst().sequence() <= last) {
            waiting.removeFirst();
        }
        applied = last;
    }
}
