package org.svos.telemetry.gateway.tracing;

import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Traces, where {@link TracingOff} has left the means in. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TracingSettings.class)
public class TracingConfiguration {

    @Bean
    Tracing tracing(TracingSettings settings, ObjectProvider<Tracer> tracer, ObjectProvider<Propagator> propagator) {
        return settings.url().isEmpty() ? Tracing.OFF : new ObservedTracing(tracer.getObject(), propagator.getObject());
    }
}
