package org.svos.telemetry.gateway.move;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.LedgerMeters;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Whether two stores hold the same. First every table: how many rows, and the sum of their fingerprints, which each side makes of
 * its own rows by itself, bytes of the spool included. Then the ledger, as both sides' own views of it tell it: each database's
 * accounts, what waits, dead letters, quarantine; and whether it adds up.
 */
final class Comparison {

    private static final int CHUNK_ROWS = 2_000;
    private static final long CHUNK_BYTES = 4 << 20;

    /** The separator of values: of no number, and where it is in a text, it is there on both sides. */
    private static final String BETWEEN = "\u001F";

    /** Of the 32 digits of an MD5, as many as are a positive number of 64 bits. */
    private static final int DIGITS = 15;

    /** By what is counted: the database, what of it, and how much. */
    private static final List<String> LEDGER = List.of(
            "select database_id, account || ' ' || reason, events from ledger",
            "select database_id, account || ' ' || reason || ' bytes', bytes from ledger",
            "select database_id, 'waiting', events from waiting",
            "select database_id, 'waiting bytes', bytes from waiting",
            "select database_id, 'dead letters', count(*) from dead_letter group by database_id",
            "select database_id, 'events in dead letters', sum(events) from dead_letter group by database_id",
            "select database_id, 'batches in quarantine', count(*) from quarantine group by database_id",
            "select database_id, 'events in quarantine', sum(events) from quarantine group by database_id",
            "select database_id, 'idempotency keys', count(*) from admitted_key group by database_id");

    private Comparison() {}

    /** What a table comes to. */
    private record Sum(long rows, BigInteger fingerprints) {}

    /** Throws a {@link MoveFault} that names the first difference. */
    static void run(Store source, Store target, Move.Telling telling) {
        for (String table : Schema.MOVED) {
            Rows rows = new Rows(source, table, Schema.columns(source, target, table));
            Sum here = sum(rows);
            Sum there = target.read(tx -> sum(tx, table, rows));
            if (!here.equals(there)) {
                throw different("the table " + table + " has " + here.rows + " rows here and " + there.rows
                        + " rows there" + (here.rows == there.rows ? ", which are not the same" : ""));
            }
        }
        telling.line("compared    all rows of " + Schema.MOVED.size() + " tables are the same on both sides");
        Map<Long, Map<String, Long>> here = source.read(Comparison::ledger);
        Map<Long, Map<String, Long>> there = target.read(Comparison::ledger);
        if (!here.keySet().equals(there.keySet())) {
            throw different(
                    "the ledger knows the databases " + here.keySet() + " here and " + there.keySet() + " there");
        }
        here.forEach((database, sums) -> {
            Map<String, Long> others = there.getOrDefault(database, Map.of());
            if (!sums.equals(others)) {
                throw different("the ledger of the database of key " + database + " has " + sums + " here and " + others
                        + " there");
            }
        });
        Totals totals = totals(source);
        if (!totals.equals(totals(target))) {
            throw different("the ledger as a whole is " + totals + " here and " + totals(target) + " there");
        }
        long letters = here.values().stream()
                .mapToLong(sums -> sums.getOrDefault("dead letters", 0L))
                .sum();
        telling.line(("ledger      accepted %,d = waiting %,d + delivered %,d + dead-lettered %,d + discarded %,d +"
                        + " expired %,d, imbalance %,d")
                .formatted(
                        totals.accepted(),
                        totals.waiting(),
                        totals.delivered(),
                        totals.deadLettered(),
                        totals.discarded(),
                        totals.expired(),
                        totals.imbalance()));
        telling.line("            the same on both sides, of each of %,d databases; %,d dead letters"
                .formatted(here.size(), letters));
    }

    private static MoveFault different(String what) {
        return new MoveFault("The two stores are not the same: " + what
                + ". Nothing starts on the target; keep the source, make the database anew and run the command again.");
    }

    private static Totals totals(Store store) {
        return new Ledger(store, new LedgerMeters(new SimpleMeterRegistry(), 0)).all();
    }

    private static Map<Long, Map<String, Long>> ledger(Tx tx) throws SQLException {
        Map<Long, Map<String, Long>> ledger = new TreeMap<>();
        for (String sql : LEDGER) {
            try (ResultSet row = tx.statement(sql).executeQuery()) {
                while (row.next()) {
                    ledger.computeIfAbsent(row.getLong(1), _ -> new TreeMap<>()).put(row.getString(2), row.getLong(3));
                }
            }
        }
        return ledger;
    }

    private static Sum sum(Rows rows) {
        MessageDigest md5 = md5();
        long count = 0;
        BigInteger sum = BigInteger.ZERO;
        long last = Long.MIN_VALUE;
        while (true) {
            Rows.Chunk chunk = rows.after(last, CHUNK_ROWS, CHUNK_BYTES);
            if (chunk.rows().isEmpty()) {
                return new Sum(count, sum);
            }
            for (@Nullable Object[] values : chunk.rows()) {
                sum = sum.add(BigInteger.valueOf(fingerprint(md5, values)));
            }
            count += chunk.rows().size();
            last = chunk.last();
        }
    }

    /** That of a row: of its values as text, of a byte string its own fingerprint, of null nothing. */
    private static long fingerprint(MessageDigest md5, @Nullable Object[] values) {
        StringBuilder text = new StringBuilder();
        for (Object value : values) {
            if (value instanceof byte[] bytes) {
                text.append(hex(md5, bytes));
            } else if (value != null) {
                text.append(value);
            }
            text.append(BETWEEN);
        }
        return Long.parseLong(
                hex(md5, text.toString().getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS), 16);
    }

    private static String hex(MessageDigest md5, byte[] bytes) {
        return HexFormat.of().formatHex(md5.digest(bytes));
    }

    /** Against mistakes, not against people: whoever could forge a row could forge the sum. */
    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Sum sum(Tx tx, String table, Rows rows) throws SQLException {
        String values = IntStream.range(0, rows.columns().size())
                .mapToObj(i -> rows.types().get(i) == Types.BINARY
                        ? "md5(" + rows.columns().get(i) + ")"
                        : rows.columns().get(i) + "::text")
                .map(text -> "coalesce(" + text + ", '') || chr(31)")
                .collect(Collectors.joining(" || "));
        String sql = "select count(*), coalesce(sum(('x' || left(md5(convert_to(" + values + ", 'UTF8')), " + DIGITS
                + "))::bit(" + 4 * DIGITS + ")::bigint), 0) from " + table;
        try (ResultSet row = tx.statement(sql).executeQuery()) {
            row.next();
            return new Sum(row.getLong(1), row.getBigDecimal(2).toBigIntegerExact());
        }
    }
}
