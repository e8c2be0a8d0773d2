package org.svos.telemetry.gateway.hosts;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.svos.telemetry.gateway.store.Store;

/** The hosts' call, and how many have fallen silent. */
@Configuration(proxyBeanMethods = false)
@Import(HostsApi.class)
public class HostsConfiguration {

    @Bean(initMethod = "start")
    SilentHosts silentHosts(Store store, MeterRegistry meters) {
        return new SilentHosts(store, meters);
    }
}
