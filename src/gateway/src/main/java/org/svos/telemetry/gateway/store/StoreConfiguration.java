package org.svos.telemetry.gateway.store;

import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.svos.telemetry.gateway.settings.DataFolder;

/** The store, open from the start to the end of the process, and whether it answers. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({StoreSettings.class, JournalSettings.class, ServerSettings.class})
public class StoreConfiguration {

    @Bean
    Store store(
            StoreSettings settings,
            JournalSettings journal,
            ServerSettings server,
            DataFolder data,
            InstantSource clock) {
        return switch (settings.store()) {
            case SQLITE ->
                FileStore.open(data.path(), clock, journal.segmentSize().toBytes());
            case POSTGRESQL -> ServerStore.open(server, null);
        };
    }

    /** Named "store" in the health's answer. A full disk can still be read and is no reason to take the gateway out. */
    @Bean
    HealthIndicator storeHealthIndicator(Store store) {
        return () -> {
            try {
                store.read(tx -> tx.statement("select 1").execute());
                return Health.up().build();
            } catch (StoreFullException e) {
                return Health.up()
                        .withDetail("reason", String.valueOf(e.getMessage()))
                        .build();
            } catch (StoreException e) {
                return Health.down()
                        .withDetail("reason", String.valueOf(e.getMessage()))
                        .build();
            }
        };
    }
}
