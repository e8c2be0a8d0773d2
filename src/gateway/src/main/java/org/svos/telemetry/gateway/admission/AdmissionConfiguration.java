package org.svos.telemetry.gateway.admission;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.svos.telemetry.gateway.ledger.Balance;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.quota.Quotas;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Store;

/** Admission, with the quotas that it decides by. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AdmissionSettings.class)
public class AdmissionConfiguration {

    @Bean
    Quotas quotas(Store store) {
        return new Quotas(store);
    }

    @Bean
    Admission admission(
            Store store,
            Quotas quotas,
            Spool spool,
            Ledger ledger,
            Registry registry,
            MeterRegistry meters,
            AdmissionSettings settings,
            DecisionWatch watch) {
        Admission admission = new Admission(store, quotas, spool, ledger, registry::hasSandbox, meters, settings);
        admission.watchedBy(watch);
        return admission;
    }

    @Bean
    Forgetting forgetting(Store store) {
        return new Forgetting(store);
    }

    @Bean
    Upkeep upkeep(Store store, Spool spool, Admission admission, Forgetting forgetting, Balance balance) {
        return new Upkeep(store, spool, admission, forgetting, balance);
    }
}
