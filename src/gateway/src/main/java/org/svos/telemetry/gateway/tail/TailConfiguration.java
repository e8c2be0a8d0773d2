package org.svos.telemetry.gateway.tail;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.store.Store;

/** The live tail. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TailSettings.class)
@Import(TailApi.class)
public class TailConfiguration {

    @Bean
    Tails tails(TailSettings settings, Registry registry, Store store) {
        return new Tails(settings, registry, store);
    }
}
