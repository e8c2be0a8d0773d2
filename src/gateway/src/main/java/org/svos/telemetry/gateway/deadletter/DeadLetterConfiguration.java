package org.svos.telemetry.gateway.deadletter;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Store;

/** Dead letters, and the calls about them. */
@Configuration(proxyBeanMethods = false)
@Import(DeadLetterApi.class)
public class DeadLetterConfiguration {

    @Bean
    DeadLetters deadLetters(Store store, Ledger ledger, MeterRegistry meters) {
        return new DeadLetters(store, ledger, meters);
    }

    @Bean
    Letters letters(Store store, Spool spool, Ledger ledger, DeadLetters deadLetters) {
        return new Letters(store, spool, ledger, deadLetters);
    }
}
