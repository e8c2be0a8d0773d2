package org.svos.telemetry.gateway.store;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one commit left in the journal, while the store's file has not been brought up to it.
 *
 * @param sequence one more than that of the commit before
 * @param segment where its bodies are
 * @param bodies the offset of the first of them in that segment
 */
record Frame(long sequence, long segment, long bodies, List<Changes.One> changes) {

    /** Does in a transaction what was kept, but for what can wait to be merged with later ones. */
    void applyTo(Tx tx, Merging merging) throws SQLException {
        for (Changes.One one : changes) {
            if (!merging.take(one)) {
                tx.change(one.sql(), placed(one.values()));
            }
        }
    }

    private @Nullable Object[] placed(@Nullable Object[] values) {
        @Nullable Object[] placed = values.clone();
        for (int i = 0; i < placed.length; i++) {
            if (placed[i] instanceof Changes.Mark) {
                placed[i] = segment;
            } else if (placed[i] instanceof Changes.Place(long offset)) {
                placed[i] = bodies + offset;
            }
        }
        return placed;
    }
}
