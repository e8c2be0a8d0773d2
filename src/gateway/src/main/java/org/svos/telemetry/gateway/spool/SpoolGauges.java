package org.svos.telemetry.gateway.spool;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * What waits in the spool, as metrics: kept in memory with every commit, so that a scrape asks the store for nothing. Of a shared store
 * that memory is looked up again every few seconds, as others append and pass too.
 */
public final class SpoolGauges {

    private static final String TOTAL = "select coalesce(sum(events), 0), coalesce(sum(bytes), 0) from waiting";
    /** The same by the ledger, which has some rows for each database however much waits. */
    private static final String TOTAL_BY_LEDGER = """
            select coalesce(sum(case account when '%1$s' then events else -events end), 0),
                coalesce(sum(case account when '%1$s' then bytes else -bytes end), 0)
            from ledger where account in ('%1$s', '%2$s', '%3$s', '%4$s', '%5$s')""".formatted(
                    Account.ACCEPTED.wireName(),
                    Account.DELIVERED.wireName(),
                    Account.DEAD_LETTERED.wireName(),
                    Account.DISCARDED.wireName(),
                    Account.EXPIRED.wireName());

    /** Positions grow with time, so the first that waits is the oldest, to within the time of a commit. */
    private static final String OLDEST = """
            select s.position, s.admitted_at from spool s
            where s.position > ?
                and s.last > coalesce((select l.passed from lane l where l.database_id = s.database_id), 0)
            order by s.position limit 1""";

    private static final long NONE = Long.MAX_VALUE;

    private final AtomicLong events = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong oldest = new AtomicLong(NONE);
    private final Store store;
    private final Horizon horizon = new Horizon();
    /** Nothing up to here waits, and nothing will. */
    private long passed;

    /** The gauges of a store's spool. */
    public SpoolGauges(MeterRegistry meters, Store store) {
        this.store = store;
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

    /** Looks at all there is. For one thread, as is {@link #refresh()}. */
    void start() {
        if (!store.isShared()) {
            store.read(tx -> {
                total(tx, TOTAL);
                return null;
            });
        }
        refresh();
    }

    /** Looks at what others may have changed, and how old the oldest batch is that waits. */
    void refresh() {
        if (!store.isShared()) {
            store.read(tx -> {
                oldest(tx);
                return null;
            });
            return;
        }
        Horizon.Given given = Horizon.given(store);
        store.read(tx -> {
            total(tx, TOTAL_BY_LEDGER);
            long first = oldest(tx);
            passed = Math.max(passed, Math.min(first - 1, horizon.in(tx, given)));
            return null;
        });
    }

    private void total(Tx tx, String sql) throws SQLException {
        try (ResultSet row = tx.statement(sql).executeQuery()) {
            row.next();
            events.set(row.getLong(1));
            bytes.set(row.getLong(2));
        }
    }

    /** Finds it; the position of its piece. */
    private long oldest(Tx tx) throws SQLException {
        PreparedStatement select = tx.statement(OLDEST);
        select.setLong(1, passed);
        try (ResultSet row = select.executeQuery()) {
            boolean waits = row.next();
            oldest.set(waits ? row.getLong(2) : NONE);
            return waits ? row.getLong(1) : Long.MAX_VALUE;
        }
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
}
