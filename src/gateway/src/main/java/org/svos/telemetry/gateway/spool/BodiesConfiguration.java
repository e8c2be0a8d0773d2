package org.svos.telemetry.gateway.spool;

import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.gateway.settings.SettingFault;
import org.svos.telemetry.gateway.store.ServerSettings;
import org.svos.telemetry.gateway.store.Store;

/** Where bodies lie, and whether that takes more of them. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({SpoolSettings.class, KafkaSettings.class})
public class BodiesConfiguration {

    private static final String IN_KAFKA = "select 1 from spool where segment is not null limit 1";

    @Bean
    Bodies bodies(
            SpoolSettings settings,
            KafkaSettings kafka,
            ServerSettings server,
            Store store,
            Environment environment,
            MeterRegistry meters) {
        return switch (settings.spool()) {
            case STORE -> {
                refuseThoseInKafka(store);
                yield Bodies.of(store);
            }
            case KAFKA -> {
                refuseOneProcess(store);
                refuseToWaitTooLong(kafka.deliveryTimeout(), server.statementTimeout());
                DataSize largest = environment.getRequiredProperty("telemetry.intake.max-wire-size", DataSize.class);
                yield BodiesInKafka.open(store, kafka, largest.toBytes(), meters);
            }
        };
    }

    private static void refuseOneProcess(Store store) {
        if (!store.isShared()) {
            throw new SettingFault(
                    "telemetry.spool is kafka, and telemetry.store is sqlite: a spool in Kafka is for several gateways, and"
                            + " what tells them what is where has to be a store that they share.",
                    "Set TELEMETRY_STORE=postgresql, or TELEMETRY_SPOOL=store.");
        }
    }

    private static void refuseToWaitTooLong(Duration delivery, Duration statement) {
        if (delivery.compareTo(statement) >= 0) {
            throw new SettingFault(
                    "telemetry.kafka.delivery-timeout is " + delivery + ", and telemetry.postgresql.statement-timeout "
                            + statement + ": who waits for a lock would give up before who holds it does.",
                    "Set TELEMETRY_KAFKA_DELIVERY_TIMEOUT to less.");
        }
    }

    private static void refuseThoseInKafka(Store store) {
        boolean some = store.isShared()
                && store.<Boolean>read(tx -> {
                    try (ResultSet row = tx.statement(IN_KAFKA).executeQuery()) {
                        return row.next();
                    }
                });
        if (some) {
            throw new SettingFault(
                    "telemetry.spool is store, and some of what waits in " + store.place() + " is in Kafka.",
                    "Start with TELEMETRY_SPOOL=kafka until it is delivered; nothing is lost meanwhile.");
        }
    }

    /** Named "spool" in the health's answer. */
    @Bean
    HealthIndicator spoolHealthIndicator(Bodies bodies) {
        return () -> {
            String trouble = bodies.trouble();
            return trouble == null
                    ? Health.up().build()
                    : Health.down().withDetail("reason", trouble).build();
        };
    }
}
