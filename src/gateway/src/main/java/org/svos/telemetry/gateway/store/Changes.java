package org.svos.telemetry.gateway.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that one commit comes to, known before it begins: statements with their values, and bodies that the journal keeps and no
 * row. {@link Store#decide} makes them durable, all or none. Used by one thread, once.
 */
public final class Changes implements Writing {

    private static final Logger log = LoggerFactory.getLogger(Changes.class);

    /** Values that are known once the changes are kept. */
    public enum Mark {
        /** The number of the journal's segment that the bodies come to lie in. */
        SEGMENT
    }

    /**
     * As a value: where in that segment a body comes to lie.
     *
     * @param offset as {@link #body} gave it
     */
    public record Place(long offset) {}

    /** What several of the same statement, whose first values are the same, come to. */
    enum Merge {
        /** Each is done. */
        NONE,
        /** The last one is enough. */
        LAST,
        /** One with the sums of the values that are no keys. */
        SUM
    }

    /**
     * A statement and its values.
     *
     * @param keys how many of the values say what it is about. This and {@code merge} are for whoever does many at a time, and
     *     are not in the journal: done one by one they come to the same
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record One(String sql, @Nullable Object[] values, Merge merge, int keys) {}

    private final long now;
    private final List<One> all = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<Runnable> afterCommit = new ArrayList<>();
    private long bodyBytes;

    /**
     * Nothing yet.
     *
     * @param now the store's clock, in epoch milliseconds
     */
    public Changes(long now) {
        this.now = now;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public void change(String sql, @Nullable Object... values) {
        all.add(new One(sql, values, Merge.NONE, 0));
    }

    @Override
    public void add(int keys, String sql, Object... values) {
        all.add(new One(sql, values, Merge.SUM, keys));
    }

    /**
     * The same with a statement that sets what is there under its first {@code keys} values, whatever was there before. Of
     * several with the same keys the last may be done alone.
     */
    public void set(int keys, String sql, @Nullable Object... values) {
        all.add(new One(sql, values, Merge.LAST, keys));
    }

    @Override
    public void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    /** Bytes for the journal, right behind those given before; the offset of the first of them. Not to be changed afterwards. */
    public long body(byte[] bytes) {
        long offset = bodyBytes;
        bodies.add(bytes);
        bodyBytes += bytes.length;
        return offset;
    }

    /** How many bytes of bodies there are. */
    public long bodyBytes() {
        return bodyBytes;
    }

    /** Whether there is nothing to keep. */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    List<One> all() {
        return all;
    }

    List<byte[]> bodies() {
        return bodies;
    }

    void committed() {
        for (Runnable action : afterCommit) {
            try {
                action.run();
            } catch (RuntimeException e) {
                // It is durable: those who wait for it must hear that, whatever else broke.
                log.error("A defect: what follows a commit failed", e);
            }
        }
    }
}
