package org.svos.telemetry.loader.spool;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.svos.telemetry.loader.ledger.Settled;

/** What the spool holds, kept in memory beside the file so that nobody has to scan it. Guarded by the spool's lock. */
final class SpoolMeasure {

    private final String boot;
    private final Map<String, Long> tallies;
    private long bodyBytes;
    private long events;
    private long eventsOfBoot;

    private SpoolMeasure(String boot, Map<String, Long> tallies) {
        this.boot = boot;
        this.tallies = tallies;
    }

    static SpoolMeasure read(Connection connection, String boot) throws SQLException {
        SpoolMeasure measure = new SpoolMeasure(boot, Tallies.read(connection, boot));
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT TOTAL(LENGTH(body)), TOTAL(events), TOTAL(CASE WHEN boot = ? THEN events ELSE 0 END)
                FROM batch""")) {
            query.setString(1, boot);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                measure.bodyBytes = row.getLong(1);
                measure.events = row.getLong(2);
                measure.eventsOfBoot = row.getLong(3);
            }
        }
        return measure;
    }

    /** A batch has come, or gone: then both numbers are negative. */
    void batch(String of, long itsEvents, long itsBodyBytes) {
        bodyBytes += itsBodyBytes;
        events += itsEvents;
        if (of.equals(boot)) {
            eventsOfBoot += itsEvents;
        }
    }

    void count(String of, String item, long more) {
        if (of.equals(boot)) {
            tallies.merge(item, more, Long::sum);
        }
    }

    long bodyBytes() {
        return bodyBytes;
    }

    long events() {
        return events;
    }

    Settled settled() {
        return new Settled(
                tally(Tallies.TAKEN),
                tally(Tallies.ACCEPTED),
                byReason(Tallies.REJECTED),
                byReason(Tallies.WITHHELD),
                tally(Tallies.EVICTED),
                tally(Tallies.UNCLEAN_STOP),
                eventsOfBoot);
    }

    private Map<String, Long> byReason(String prefix) {
        Map<String, Long> reasons = new HashMap<>();
        tallies.forEach((item, count) -> {
            if (item.startsWith(prefix)) {
                reasons.put(item.substring(prefix.length()), count);
            }
        });
        return Map.copyOf(reasons);
    }

    private long tally(String item) {
        return tallies.getOrDefault(item, 0L);
    }
}
