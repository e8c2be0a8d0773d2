package org.svos.telemetry.gateway.move;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Reads the rows of one table of the source, as the target is to have them: a piece of the spool with its bytes, wherever they lie, and
 * texts without NUL, which PostgreSQL does not store.
 */
final class Rows {

    private static final Logger log = LoggerFactory.getLogger(Rows.class);

    private static final String SPOOL = "spool";
    private static final char NO_NUL = '\uFFFD';

    private final Store source;
    private final String table;
    private final List<String> columns;
    private final List<Integer> types;
    private final String select;

    /** Columns of the spool by which its bytes are found; -1 in any other table. */
    private final int segment;

    private final int place;
    private final int length;
    private final int body;
    private long unreadable;

    /**
     * Those of a table.
     *
     * @param columns with their types, {@link Types}
     */
    Rows(Store source, String table, Map<String, Integer> columns) {
        this.source = source;
        this.table = table;
        this.columns = List.copyOf(columns.keySet());
        this.types = List.copyOf(columns.values());
        select = "select rowid, " + String.join(", ", columns.keySet()) + " from " + table
                + " where rowid > ? order by rowid";
        boolean isSpool = table.equals(SPOOL);
        segment = isSpool ? this.columns.indexOf("segment") : -1;
        place = isSpool ? this.columns.indexOf("place") : -1;
        length = isSpool ? this.columns.indexOf("length") : -1;
        body = isSpool ? this.columns.indexOf("body") : -1;
    }

    /**
     * Some rows that follow one another.
     *
     * @param rows each with a value for each column: Long, Integer, String, byte[] or null
     * @param last the source's number of the last one; of the one before all of these if there is none
     * @param bytes of their byte strings
     */
    record Chunk(List<@Nullable Object[]> rows, long last, long bytes) {}

    List<String> columns() {
        return columns;
    }

    List<Integer> types() {
        return types;
    }

    /** How many pieces of the spool could not be read from the journal; they are given without bytes. */
    long unreadable() {
        return unreadable;
    }

    /** The rows after that one: at most so many, and no more once they come to that many bytes. */
    Chunk after(long row, int mostRows, long enoughBytes) {
        return source.read(tx -> {
            List<@Nullable Object[]> rows = new ArrayList<>();
            long last = row;
            long bytes = 0;
            PreparedStatement statement = tx.statement(select);
            statement.setLong(1, row);
            try (ResultSet result = statement.executeQuery()) {
                while (rows.size() < mostRows && bytes < enoughBytes && result.next()) {
                    last = result.getLong(1);
                    @Nullable Object[] values = values(result);
                    rows.add(values);
                    bytes += bytes(values);
                }
            }
            return new Chunk(rows, last, bytes);
        });
    }

    private static long bytes(@Nullable Object[] values) {
        long bytes = 0;
        for (Object value : values) {
            if (value instanceof byte[] string) {
                bytes += string.length;
            }
        }
        return bytes;
    }

    private @Nullable Object[] values(ResultSet row) throws SQLException {
        @Nullable Object[] values = new Object[types.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(row, i);
        }
        if (segment >= 0 && values[segment] instanceof Long number) {
            values[body] = inJournal(number, values);
            values[segment] = null;
            values[place] = null;
        }
        return values;
    }

    private @Nullable Object value(ResultSet row, int index) throws SQLException {
        int column = index + 2; // after the row's number
        Object value = switch (types.get(index)) {
            case Types.BIGINT -> row.getLong(column);
            case Types.INTEGER, Types.SMALLINT -> row.getInt(column);
            case Types.VARCHAR -> text(row.getString(column));
            case Types.BINARY -> row.getBytes(column);
            default ->
                throw new MoveFault("The column " + columns.get(index) + " of the table " + table
                        + " is of a type that this program does not know how to move.");
        };
        return row.wasNull() ? null : value;
    }

    private static @Nullable String text(@Nullable String text) {
        return text == null ? null : text.replace('\0', NO_NUL);
    }

    /** One that cannot be read goes without its bytes: its lane will put it into quarantine, as it would here. */
    private byte @Nullable [] inJournal(long number, @Nullable Object[] values) {
        if (!(values[place] instanceof Long at) || !(values[length] instanceof Integer bytes)) {
            throw new IllegalStateException("a piece of the spool in segment " + number + " has no place");
        }
        try {
            return source.body(number, at, bytes);
        } catch (IOException e) {
            unreadable++;
            log.warn("A piece of the spool cannot be read, at byte {} of segment {}: {}", at, number, e.toString());
            return null;
        }
    }

    /** Sets the values of a row in a statement, from its first parameter on. */
    void set(PreparedStatement statement, @Nullable Object[] values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case null -> statement.setNull(i + 1, types.get(i));
                case Long number -> statement.setLong(i + 1, number);
                case Integer number -> statement.setInt(i + 1, number);
                case String text -> statement.setString(i + 1, text);
                case byte[] string -> statement.setBytes(i + 1, string);
                case Object other -> throw new IllegalStateException("no value of a row: " + other);
            }
        }
    }

    /** How many rows a table has. */
    static long count(Tx tx, String table) throws SQLException {
        try (ResultSet row = tx.statement("select count(*) from " + table).executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
