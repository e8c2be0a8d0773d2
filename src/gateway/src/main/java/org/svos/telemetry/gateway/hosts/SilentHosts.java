package org.svos.telemetry.gateway.hosts;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreException;

/**
 * How many hosts posted a batch the day before and none since: the last one of each came between 48 and 24 hours ago. A host
 * that is gone for good is told of for a day, and then no more.
 */
final class SilentHosts implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SilentHosts.class);

    private static final String COUNT = "select count(*) from host where last_batch_at > ? and last_batch_at <= ?";
    private static final Duration DAY = Duration.ofDays(1);
    private static final long PERIOD_SECONDS = 60;

    private final Store store;
    private final AtomicLong silent = new AtomicLong();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("silent-hosts").daemon().factory());

    SilentHosts(Store store, MeterRegistry meters) {
        this.store = store;
        Gauge.builder("telemetry.silent.hosts", silent, AtomicLong::get)
                .description("Hosts whose last batch came 24 to 48 hours ago")
                .register(meters);
    }

    /** Looks now, and from now on every minute. */
    void start() {
        var _ = timer.scheduleWithFixedDelay(this::refresh, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    void refresh() {
        try {
            long now = store.now();
            silent.set(store.read(tx -> {
                PreparedStatement count = tx.statement(COUNT);
                count.setLong(1, now - 2 * DAY.toMillis());
                count.setLong(2, now - DAY.toMillis());
                try (ResultSet row = count.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }));
        } catch (StoreException e) {
            log.debug("how many hosts are silent stays as it was for now: {}", e.getMessage());
        } catch (RuntimeException e) {
            log.error("how many hosts are silent cannot be told", e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
