package org.svos.telemetry.gateway.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One insert for many rows, as PostgreSQL is told of it: a value for each column, which has those of all rows.
 *
 * <pre>
 * insert into t (a, b) values (?, ?) on conflict …
 * insert into t (a, b) select * from unnest(?::bigint[], ?::text[]) on conflict …
 * </pre>
 *
 * So it is the same text for any number of rows, and the server plans it once. What the driver makes of many, a list of values,
 * is another text for each number, which is read and planned each time.
 */
final class ManyRows {

    /** In memory they are there twice for a moment. */
    private static final long MOST_BYTES = 1 << 20;

    private static final String VALUES = "values (";

    /** What a column's values are in SQL, and in Java. */
    private enum Type {
        BIGINT,
        INTEGER,
        TEXT,
        BYTEA;

        /** By the first value that there is. A column without any is one that may be absent, and those are texts. */
        static Type of(List<@Nullable Object[]> rows, int column) {
            for (@Nullable Object[] row : rows) {
                switch (row[column]) {
                    case null -> {}
                    case Long _ -> {
                        return BIGINT;
                    }
                    case Integer _ -> {
                        return INTEGER;
                    }
                    case byte[] _ -> {
                        return BYTEA;
                    }
                    case Object _ -> {
                        return TEXT;
                    }
                }
            }
            return TEXT;
        }

        String sql() {
            return switch (this) {
                case BIGINT -> "bigint";
                case INTEGER -> "integer";
                case TEXT -> "text";
                case BYTEA -> "bytea";
            };
        }

        /** The driver sends arrays of these as they are, and an array of objects as text. */
        @Nullable
        Object[] array(int length) {
            return switch (this) {
                case BIGINT -> new Long[length];
                case INTEGER -> new Integer[length];
                case TEXT -> new String[length];
                case BYTEA -> new byte[length][];
            };
        }
    }

    private ManyRows() {}

    /** Writes them, if it is an insert of plain values that are not too large; whether it did. */
    static boolean write(Tx tx, String sql, List<@Nullable Object[]> rows) throws SQLException {
        int columns = rows.getFirst().length;
        int begin = sql.indexOf(VALUES);
        String marks = "?, ".repeat(columns - 1) + "?)";
        int end = begin + VALUES.length() + marks.length() - 1;
        if (begin < 0
                || !sql.startsWith("insert")
                || !sql.startsWith(marks, begin + VALUES.length())
                || sql.indexOf('?', end) >= 0
                || bytes(rows) > MOST_BYTES) {
            return false;
        }
        StringBuilder unnest = new StringBuilder(sql.length() + 12 * columns)
                .append(sql, 0, begin)
                .append("select * from unnest(");
        Type[] types = new Type[columns];
        for (int i = 0; i < columns; i++) {
            types[i] = Type.of(rows, i);
            unnest.append(i == 0 ? "?::" : ", ?::").append(types[i].sql()).append("[]");
        }
        PreparedStatement statement =
                tx.statement(unnest.append(sql, end, sql.length()).toString());
        for (int i = 0; i < columns; i++) {
            @Nullable Object[] values = types[i].array(rows.size());
            for (int j = 0; j < values.length; j++) {
                values[j] = rows.get(j)[i];
            }
            statement.setArray(i + 1, tx.connection().createArrayOf(types[i].sql(), values));
        }
        statement.executeUpdate();
        return true;
    }

    private static long bytes(List<@Nullable Object[]> rows) {
        long bytes = 0;
        for (@Nullable Object[] row : rows) {
            for (Object value : row) {
                bytes += switch (value) {
                    case byte[] body -> body.length;
                    case String text -> text.length();
                    case null, default -> 0;
                };
            }
        }
        return bytes;
    }
}
