package org.svos.telemetry.gateway.store;

import java.nio.file.Path;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The store, open from the start to the end of the process. */
@Configuration(proxyBeanMethods = false)
public class StoreConfiguration {

    @Bean
    Store store(@Value("${telemetry.data}") Path data, @Value("${telemetry.store}") Dialect dialect) {
        return Store.open(dialect, data, InstantSource.system());
    }
}
