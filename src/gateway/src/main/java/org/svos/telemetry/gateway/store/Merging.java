package org.svos.telemetry.gateway.store;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes of many commits that are done once instead of many times: a hundred commits of one database charge its quota a hundred
 * times, and the last of those states is all that the file needs of them. Such changes are about rows of their own, so it does not
 * matter that they come after the others.
 */
final class Merging {

    private record Row(String sql, List<@Nullable Object> keys) {}

    private final Map<Row, @Nullable Object[]> rows = new LinkedHashMap<>();

    /** Takes a change that can be merged; whether it can. */
    boolean take(Changes.One one) {
        if (one.merge() == Changes.Merge.NONE) {
            return false;
        }
        Row row = new Row(one.sql(), Arrays.asList(one.values()).subList(0, one.keys()));
        @Nullable Object[] before = rows.get(row);
        if (before == null || one.merge() == Changes.Merge.LAST) {
            rows.put(row, one.values());
        } else {
            rows.put(row, sum(before, one.values(), one.keys()));
        }
        return true;
    }

    private static @Nullable Object[] sum(@Nullable Object[] some, @Nullable Object[] others, int keys) {
        @Nullable Object[] sum = some.clone();
        for (int i = keys; i < sum.length; i++) {
            if (some[i] instanceof Long one && others[i] instanceof Long other) {
                sum[i] = one + other;
            } else {
                throw new IllegalStateException("values that cannot be added: " + some[i] + ", " + others[i]);
            }
        }
        return sum;
    }

    /** What was taken comes to these statements with these values. */
    void rows(BiConsumer<String, @Nullable Object[]> each) {
        rows.forEach((row, values) -> each.accept(row.sql, values));
    }

    /** Does what was taken. */
    void applyTo(Tx tx) throws SQLException {
        for (Map.Entry<Row, @Nullable Object[]> row : rows.entrySet()) {
            tx.change(row.getKey().sql(), row.getValue());
        }
    }
}
