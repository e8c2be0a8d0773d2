package org.svos.telemetry.gateway.spool;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/** What waits in the spool, as metrics: kept in memory with every commit, so that a scrape asks the store for nothing. */
public final class SpoolGauges {

    private static final String TOTAL = "select coalesce(sum(events), 0), coalesce(sum(bytes), 0) from waiting";
    /** Positions grow with time, so the oldest that waits is a lane's first: one look for each lane, however much waits. */
    private static final String OLDEST = """
            select min(first) from (
                select (select s.admitted_at from spool s
                    where s.database_id = d.id
                        and s.last > coalesce((select passed from lane where database_id = d.id), 0)
                    order by s.last limit 1) as first
                from registered_database d) firsts""";

    private static final long NONE = Long.MAX_VALUE;

    private final AtomicLong events = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong oldest = new AtomicLong(NONE);

    /** The gauges of a store's spool. */
    public SpoolGauges(MeterRegistry meters, Store store) {
        Gauge.builder("telemetry.spool.events", events, AtomicLong::get)
                .description("Events that wait for Lantern Rock")
                .register(meters);
        Gauge.builder("telemetry.spool.bytes", bytes, AtomicLong::get)
                .description("Their batches' bodies, decompressed")
                .register(meters);
        Gauge.builder("telemetry.spool.oldest.age.seconds", oldest, at -> ageSeconds(at.get(), store.now()))
                .description("Since the admission of the batch that waits longest; 0 if none waits")
                .register(meters);
    }

    private static double ageSeconds(long at, long now) {
        return at == NONE ? 0 : Math.max(0, now - at) / 1000.0;
    }

    void start(Tx tx) throws SQLException {
        try (ResultSet row = tx.statement(TOTAL).executeQuery()) {
            row.next();
            events.set(row.getLong(1));
            bytes.set(row.getLong(2));
        }
        refreshOldest(tx);
    }

    void added(Waiting more, long admittedAt) {
        events.addAndGet(more.events());
        bytes.addAndGet(more.bytes());
        oldest.accumulateAndGet(admittedAt, Math::min);
    }

    void removed(Waiting less) {
        events.addAndGet(-less.events());
        bytes.addAndGet(-less.bytes());
    }

    void refreshOldest(Tx tx) throws SQLException {
        try (ResultSet row = tx.statement(OLDEST).executeQuery()) {
            long at = row.next() ? row.getLong(1) : 0;
            oldest.set(at == 0 ? NONE : at);
        }
    }
}
