package org.svos.telemetry.gateway.registry;

import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.svos.telemetry.gateway.access.Tokens;
import org.svos.telemetry.gateway.quota.Quotas;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Store;

/** What is registered, and the calls that change it. */
@Configuration(proxyBeanMethods = false)
@Import({DatabaseApi.class, SandboxApi.class})
public class RegistryConfiguration {

    @Bean
    Registry registry(Store store) {
        return Registry.load(store);
    }

    @Bean
    DatabaseGate databaseGate(Registry registry) {
        return new DatabaseGate(registry);
    }

    @Bean
    Databases databases(
            Store store, Registry registry, Tokens tokens, Spool spool, Quotas quotas, List<Holdings> holdings) {
        return new Databases(store, registry, tokens, spool, quotas, holdings);
    }

    @Bean
    Sandboxes sandboxes(Store store, Registry registry, Tokens tokens, Spool spool) {
        return new Sandboxes(store, registry, tokens, spool);
    }
}
