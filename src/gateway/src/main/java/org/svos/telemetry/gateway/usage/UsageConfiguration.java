package org.svos.telemetry.gateway.usage;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.svos.telemetry.gateway.admission.Admission;
import org.svos.telemetry.gateway.registry.Registry;

/** What became of events, how many there were, and how near to its quota each database is. */
@Configuration(proxyBeanMethods = false)
@Import({LedgerApi.class, UsageApi.class})
public class UsageConfiguration {

    @Bean(initMethod = "start")
    QuotaGauges quotaGauges(
            MeterRegistry meters,
            Registry registry,
            Admission admission,
            @Value("${telemetry.metrics.databases}") int maxDatabases) {
        return new QuotaGauges(meters, registry::databases, admission::standings, maxDatabases);
    }
}
