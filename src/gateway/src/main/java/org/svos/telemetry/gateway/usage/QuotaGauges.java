package org.svos.telemetry.gateway.usage;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.quota.Standing;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.store.StoreException;

/**
 * How near databases are to their quota of the day, before they are refused anything: a part of it for each of the fullest, and
 * the number of those that have used 80 % or more. The label {@code database} is bounded: beyond so many it is {@code other},
 * which stands for the fullest of the rest.
 */
final class QuotaGauges implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(QuotaGauges.class);

    private static final String OTHER = "other";
    private static final double NEAR = 0.8;
    private static final long PERIOD_SECONDS = 10;

    private final Supplier<Collection<Database>> databases;
    private final Function<List<Database>, List<Standing>> standings;
    private final int maxDatabases;
    private final MultiGauge used;
    private final AtomicLong near = new AtomicLong();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("quota-gauges").daemon().factory());

    private record Use(String database, double ratio) {}

    QuotaGauges(
            MeterRegistry meters,
            Supplier<Collection<Database>> databases,
            Function<List<Database>, List<Standing>> standings,
            int maxDatabases) {
        this.databases = databases;
        this.standings = standings;
        this.maxDatabases = maxDatabases;
        used = MultiGauge.builder("telemetry.quota.day.used.ratio")
                .description("The part of the day's bytes that is used, 0 to 1")
                .register(meters);
        Gauge.builder("telemetry.quota.near.limit.databases", near, AtomicLong::get)
                .description("Databases that have used 80 % or more of the day's bytes")
                .register(meters);
        show(List.of());
    }

    /** Looks again now, and from now on every few seconds. */
    void start() {
        var _ = timer.scheduleWithFixedDelay(this::refresh, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    void refresh() {
        try {
            List<Database> all = List.copyOf(databases.get());
            List<Standing> standing = standings.apply(all); // All at once: there may be ten thousand.
            List<Use> uses = new ArrayList<>(all.size());
            for (int i = 0; i < all.size(); i++) {
                uses.add(new Use(all.get(i).name(), ratio(standing.get(i))));
            }
            uses.sort(Comparator.comparingDouble(Use::ratio).reversed().thenComparing(Use::database));
            show(uses);
        } catch (StoreException e) {
            log.debug("how full quotas are stays as it was for now: {}", e.getMessage());
        } catch (RuntimeException e) {
            log.error("how full quotas are cannot be told", e);
        }
    }

    /** Those, the fullest first. */
    private void show(List<Use> uses) {
        List<Row<?>> rows = new ArrayList<>();
        for (Use use : uses.subList(0, Math.min(maxDatabases, uses.size()))) {
            rows.add(row(use.database(), use.ratio()));
        }
        rows.add(row(OTHER, uses.size() > maxDatabases ? uses.get(maxDatabases).ratio() : 0));
        used.register(rows, true);
        near.set(uses.stream().filter(use -> use.ratio() >= NEAR).count());
    }

    private static Row<?> row(String database, double ratio) {
        return Row.of(Tags.of("database", database), ratio);
    }

    private static double ratio(Standing standing) {
        long limit = standing.quota().bytesPerDay();
        return (double) (limit - standing.dayLeft()) / limit;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
