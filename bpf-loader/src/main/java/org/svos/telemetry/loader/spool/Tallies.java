package org.svos.telemetry.loader.spool;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.record.Hook;

/** The ledger's rows. Every call is within the caller's transaction. */
final class Tallies {

    static final String TAKEN = "taken";
    static final String ACCEPTED = "accepted";
    static final String EVICTED = "spoolEvicted";
    static final String UNCLEAN_STOP = "uncleanStop";
    static final String REJECTED = "rejected/";
    static final String WITHHELD = "withheld/";

    /** What stands for all rings that are gone. */
    static final long EARLIER_RINGS = 0;

    private static final long NO_RING = -1;

    private Tallies() {}

    /** What the kernel counted on a boot, whatever the ring. */
    static KernelCounts readKernel(Connection connection, String boot) throws SQLException {
        return readKernel(connection, boot, NO_RING);
    }

    static Map<String, Long> read(Connection connection, String boot) throws SQLException {
        Map<String, Long> tallies = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT item, events FROM tally WHERE boot = ?")) {
            query.setString(1, boot);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    tallies.put(rows.getString(1), rows.getLong(2));
                }
            }
        }
        return tallies;
    }

    static void add(Connection connection, String boot, String item, long events) throws SQLException {
        if (events == 0) {
            return;
        }
        try (PreparedStatement upsert = connection.prepareStatement("""
                INSERT INTO tally (boot, item, events) VALUES (?, ?, ?)
                ON CONFLICT (boot, item) DO UPDATE SET events = events + excluded.events""")) {
            upsert.setString(1, boot);
            upsert.setString(2, item);
            upsert.setLong(3, events);
            upsert.executeUpdate();
        }
    }

    /** All rings' counts but those of one; no ring has the number -1. */
    static KernelCounts readKernel(Connection connection, String boot, long without) throws SQLException {
        Map<String, HookCounts> byFunction = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT function, SUM(seen), SUM(captured), SUM(ring_full), SUM(probe_fault), SUM(recursion), SUM(throttled)
                FROM hook WHERE boot = ? AND ring <> ? GROUP BY function""")) {
            query.setString(1, boot);
            query.setLong(2, without);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    byFunction.put(
                            row.getString(1),
                            new HookCounts(
                                    row.getLong(2),
                                    row.getLong(3),
                                    row.getLong(4),
                                    row.getLong(5),
                                    row.getLong(6),
                                    row.getLong(7)));
                }
            }
        }
        Map<Hook, HookCounts> counts = new EnumMap<>(Hook.class);
        for (Hook hook : Hook.ALL) {
            HookCounts count = byFunction.get(hook.function());
            if (count != null) {
                counts.put(hook, count);
            }
        }
        return new KernelCounts(counts);
    }

    static void writeKernel(Connection connection, String boot, long ring, KernelCounts counts) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("""
                INSERT OR REPLACE INTO hook
                  (boot, ring, function, seen, captured, ring_full, probe_fault, recursion, throttled)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
            for (Hook hook : Hook.ALL) {
                HookCounts count = counts.of(hook);
                upsert.setString(1, boot);
                upsert.setLong(2, ring);
                upsert.setString(3, hook.function());
                upsert.setLong(4, count.seen());
                upsert.setLong(5, count.captured());
                upsert.setLong(6, count.ringFull());
                upsert.setLong(7, count.probeFault());
                upsert.setLong(8, count.recursion());
                upsert.setLong(9, count.throttled());
                upsert.executeUpdate();
            }
        }
    }
}
