package org.svos.telemetry.gateway.spool;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.store.Store;

/** The spool before Lantern Rock. */
@Configuration(proxyBeanMethods = false)
public class SpoolConfiguration {

    @Bean
    Spool spool(Store store, Bodies bodies, Ledger ledger, MeterRegistry meters) {
        return new Spool(store, bodies, ledger, new SpoolGauges(meters, store));
    }
}
