package org.svos.telemetry.gateway.move;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/** Which tables both stores have, and what becomes of each in a move: one that nobody has thought of stops it. */
final class Schema {

    /** What is moved, row by row. Rows refer to rows of tables before theirs. */
    static final List<String> MOVED = List.of(
            "registered_database",
            "sandbox",
            "token",
            "token_database",
            "token_sandbox",
            "audit",
            "quota",
            "admitted_key",
            "lane",
            "lane_cut",
            "spool",
            "spool_sandbox",
            "quarantine",
            "ledger",
            "usage_hour",
            "stream_sequence",
            "stream_session",
            "host",
            "host_lost",
            "host_lost_past",
            "dead_letter");

    /**
     * What only the source has: its journal, whose commits are in the tables once it is open, the last position, which the
     * target counts on by a sequence, and Flyway's own.
     */
    static final Set<String> SOURCES = Set.of("journal", "spool_end", "flyway_schema_history");

    /**
     * What only the target has, and may have rows in before anything is moved there: Flyway's own, that of the move, gateways that
     * ran once and what they told one another for live tails, and counters that begin with a row.
     */
    static final Set<String> TARGETS = Set.of(
            "flyway_schema_history",
            "moved_store",
            "moved_table",
            "gateway",
            "tail_interest",
            "tail_part",
            "news_end",
            "spool_ring",
            "spool_topic");

    private static final String SOURCE_TABLES =
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite#_%' escape '#'";
    private static final String TARGET_TABLES = """
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition""";

    private Schema() {}

    /** Checks that nothing of the source would stay behind unnoticed. */
    static void check(Store source) {
        Set<String> unknown = source.read(tx -> tables(tx, SOURCE_TABLES));
        unknown.removeAll(MOVED);
        unknown.removeAll(SOURCES);
        if (!unknown.isEmpty()) {
            throw new MoveFault("The store " + source.place()
                    + " has tables that this program does not know how to move: " + String.join(", ", unknown)
                    + ". Move it with the program that it last ran with, or a later one.");
        }
    }

    /** All tables of the target, but partitions of others. */
    static Set<String> targetTables(Tx tx) throws SQLException {
        return tables(tx, TARGET_TABLES);
    }

    private static Set<String> tables(Tx tx, String sql) throws SQLException {
        Set<String> names = new TreeSet<>();
        try (ResultSet row = tx.statement(sql).executeQuery()) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    /**
     * The columns of a table of the source, with the target's types of them ({@link java.sql.Types}), in the source's order. What else
     * the target's table has is left at its default.
     */
    static Map<String, Integer> columns(Store source, Store target, String table) {
        Map<String, Integer> there = target.read(tx -> types(tx, table));
        Map<String, Integer> columns = new LinkedHashMap<>();
        for (String name : source.read(tx -> List.copyOf(types(tx, table).keySet()))) {
            Integer type = there.get(name);
            if (type == null) {
                throw new MoveFault("The column " + name + " of the table " + table + " is not in " + target.place()
                        + ". Move with a later program, which knows it.");
            }
            columns.put(name, type);
        }
        return columns;
    }

    private static Map<String, Integer> types(Tx tx, String table) throws SQLException {
        PreparedStatement none = tx.statement("select * from " + table + " where 1 = 0");
        Map<String, Integer> types = new LinkedHashMap<>();
        try (ResultSet rows = none.executeQuery()) {
            ResultSetMetaData described = rows.getMetaData();
            for (int i = 1; i <= described.getColumnCount(); i++) {
                types.put(described.getColumnName(i), described.getColumnType(i));
            }
        }
        return types;
    }

    /** Tables of the target, beside the {@link #TARGETS target's own}, that hold something. */
    static List<String> filled(Tx tx) throws SQLException {
        List<String> filled = new ArrayList<>();
        for (String table : targetTables(tx)) {
            if (!TARGETS.contains(table)) {
                try (ResultSet row =
                        tx.statement("select 1 from " + table + " limit 1").executeQuery()) {
                    if (row.next()) {
                        filled.add(table);
                    }
                }
            }
        }
        return filled;
    }
}
