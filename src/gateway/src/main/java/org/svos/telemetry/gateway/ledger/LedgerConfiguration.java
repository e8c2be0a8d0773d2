package org.svos.telemetry.gateway.ledger;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.svos.telemetry.gateway.store.Store;

/** The ledger and what is read from it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MeterSettings.class)
public class LedgerConfiguration {

    @Bean
    LedgerMeters ledgerMeters(MeterRegistry meters, MeterSettings settings) {
        return new LedgerMeters(meters, settings.databases());
    }

    @Bean
    Ledger ledger(Store store, LedgerMeters meters) {
        return new Ledger(store, meters);
    }

    @Bean
    Usage usage(Store store) {
        return new Usage(store);
    }

    @Bean
    Balance balance(Ledger ledger, MeterRegistry meters) {
        return new Balance(ledger, meters);
    }
}
