package org.svos.telemetry.gateway.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.quota.Standing;
import org.svos.telemetry.gateway.registry.Database;

class QuotaGaugesTest {

    private static final Quota QUOTA = new Quota(1_000, 10, 10, Quota.Mode.ENFORCE);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<Database, Long> used = new HashMap<>();
    private boolean canBeSeen = true;
    private final QuotaGauges gauges = new QuotaGauges(meters, used::keySet, this::standings, 2);

    @AfterEach
    void close() {
        gauges.close();
    }

    @Test
    void bothNamesAreThereFromTheStart() {
        assertThat(ratios()).containsExactly(Map.entry("other", 0.0));
        assertThat(near()).isZero();
    }

    @Test
    void aDatabaseIsNearItsQuotaFrom80PercentOn() {
        use(1, "a", 799);
        gauges.refresh();
        assertThat(ratios()).containsEntry("a", 0.799);
        assertThat(near()).isZero();

        use(1, "a", 800);
        gauges.refresh();
        assertThat(ratios()).containsEntry("a", 0.8);
        assertThat(near()).isEqualTo(1);

        use(1, "a", 0);
        gauges.refresh();
        assertThat(near()).as("the next day").isZero();
    }

    @Test
    void theFullestHaveALabelOfTheirOwnAndOtherStandsForTheRest() {
        for (int i = 0; i < 100; i++) {
            use(i, "db-" + i, 10L * i);
        }
        gauges.refresh();

        assertThat(ratios()).containsOnly(Map.entry("db-99", 0.99), Map.entry("db-98", 0.98), Map.entry("other", 0.97));
        assertThat(near()).isEqualTo(20);

        used.clear();
        gauges.refresh();
        assertThat(ratios()).containsExactly(Map.entry("other", 0.0));
    }

    @Test
    void whatWasLastSeenStaysWhenItCannotBeSeen() {
        use(1, "a", 900);
        gauges.refresh();
        canBeSeen = false;
        gauges.refresh();

        assertThat(near()).isEqualTo(1);
    }

    private void use(long id, String name, long bytes) {
        Database database =
                new Database(id, name, "o", "", Database.State.ACTIVE, QUOTA, null, 1, Instant.EPOCH, Instant.EPOCH);
        used.put(database, bytes);
    }

    private List<Standing> standings(List<Database> databases) {
        return databases.stream().map(this::standing).toList();
    }

    private Standing standing(Database database) {
        if (!canBeSeen) {
            throw new IllegalStateException("down");
        }
        return new Standing(QUOTA, 1_000 - used.getOrDefault(database, 0L), 1, 10, 0);
    }

    private Map<String, Double> ratios() {
        Map<String, Double> ratios = new TreeMap<>();
        for (Gauge gauge : meters.get("telemetry.quota.day.used.ratio").gauges()) {
            ratios.put(String.valueOf(gauge.getId().getTag("database")), gauge.value());
        }
        return ratios;
    }

    private double near() {
        return meters.get("telemetry.quota.near.limit.databases").gauge().value();
    }
}
