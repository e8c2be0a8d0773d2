package org.svos.telemetry.gateway.forward;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.svos.telemetry.event.BatchLimits;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.gateway.deadletter.DeadLetters;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.tracing.Tracing;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.http.HttpLanternRock;
import org.svos.telemetry.lanternrock.otlp.OtlpLanternRock;

/** The lanes, and Lantern Rock at their end. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ForwardSettings.class, LanternRockSettings.class})
public class ForwardConfiguration {

    /**
     * The rules that decided what of a batch is valid. How many events it may have was decided when it came; by which limits of
     * payloads, the spool says of each batch.
     */
    private static final BatchLimits RULES = new BatchLimits(
            Integer.MAX_VALUE,
            BatchLimits.CONTRACT.maxNameChars(),
            BatchLimits.CONTRACT.payload(),
            BatchLimits.CONTRACT.maxBodyDepth());

    private static final Duration STEP = Duration.ofMillis(500);

    /** Whoever is at the other end. Spring closes it, as it can be closed. */
    @Bean
    LanternRock adapter(LanternRockSettings settings, SslBundles bundles, InstantSource clock, Tracing tracing) {
        var tls = new LanternRockTls(bundles, settings.sslBundle(), clock);
        return switch (settings.protocol()) {
            case LANTERN_ROCK -> new HttpLanternRock(settings.http(), tls, clock, tracing::traceparent);
            case OTLP -> new OtlpLanternRock(settings.http(), tls, clock, tracing::traceparent, settings.gzip());
        };
    }

    @Bean
    Capacity capacity(ForwardSettings settings) {
        return new Capacity(
                settings.lanesAtOnce(),
                PacedLanternRock.initial(settings.deliveriesAtOnce()),
                settings.memory().toBytes(),
                System::nanoTime);
    }

    @Bean
    GuardedLanternRock lanternRock(
            @Qualifier("adapter") LanternRock adapter,
            ForwardSettings settings,
            LanternRockSettings lanternRock,
            Capacity capacity,
            MeterRegistry meters) {
        return new GuardedLanternRock(
                new PacedLanternRock(
                        new MeteredLanternRock(adapter, meters),
                        settings.deliveriesAtOnce(),
                        lanternRock.timeout(),
                        capacity::deliveries,
                        meters),
                meters);
    }

    @Bean
    LanternRockHealth lanternRockHealthIndicator(GuardedLanternRock lanternRock, LanternRockSettings settings) {
        return new LanternRockHealth(lanternRock, settings);
    }

    @Bean
    Streams streams(Store store) {
        return new Streams(store);
    }

    @Bean(destroyMethod = "")
    Tenure tenure(Store store, Registry registry) {
        return store.isShared() ? new Leases(store, () -> keys(registry)) : Tenure.ALL;
    }

    @Bean
    Forwarder forwarder(
            Registry registry,
            Store store,
            Spool spool,
            Ledger ledger,
            Streams streams,
            DeadLetters deadLetters,
            GuardedLanternRock lanternRock,
            DeliveryWatch watch,
            Tracing tracing,
            Capacity capacity,
            ForwardSettings settings,
            MeterRegistry meters,
            Tenure tenure,
            InstantSource clock) {
        Backoff backoff = new Backoff(
                settings.retryInitial(),
                settings.retryMax(),
                settings.retryAfterMax(),
                bound -> ThreadLocalRandom.current().nextLong(bound));
        Forwarding shared = new Forwarding(
                registry::database,
                store,
                spool,
                ledger,
                streams,
                deadLetters,
                new Shaper(new BatchReader(RULES)),
                new WatchedLanternRock(lanternRock, watch),
                lanternRock::leftInPeace,
                tracing,
                capacity,
                backoff,
                settings.probe(),
                STEP,
                tenure,
                clock);
        return new Forwarder(shared, () -> keys(registry), settings.stopWithin(), meters);
    }

    private static List<Long> keys(Registry registry) {
        return registry.databases().stream().map(Database::id).toList();
    }
}
