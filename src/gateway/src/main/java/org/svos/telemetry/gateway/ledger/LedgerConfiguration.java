package org.svos.telemetry.gateway.ledger;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.svos.telemetry.gateway.store.Store;

/** The ledger and what is read from it. */
@Configuration(proxyBeanMethods = false)
public class LedgerConfiguration {

    @Bean
    LedgerMeters ledgerMeters(MeterRegistry meters, @Value("${telemetry.metrics.databases}") int databases) {
        return new LedgerMeters(meters, databases);
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
