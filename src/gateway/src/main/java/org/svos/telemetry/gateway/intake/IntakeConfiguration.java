package org.svos.telemetry.gateway.intake;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.DispatcherType;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.svos.telemetry.gateway.access.Access;
import org.svos.telemetry.gateway.admission.Admission;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.tracing.Tracing;

/** The intake: a filter before all others, and a plain handler of Spring MVC for what is spelled in another way. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(IntakeSettings.class)
public class IntakeConfiguration {

    @Bean
    Capacity intakeCapacity(IntakeSettings settings) {
        return new Capacity(settings.concurrentRequests(), settings.concurrentSize());
    }

    @Bean
    BatchHandler batchHandler(
            Access access,
            Registry registry,
            Admission admission,
            IntakeSettings settings,
            Capacity capacity,
            MeterRegistry meters,
            Tracing tracing) {
        return new BatchHandler(
                access, new SandboxGate(registry), admission, settings, capacity, new IntakeMeters(meters), tracing);
    }

    @Bean
    FilterRegistrationBean<IntakeFilter> intakeFilter(ObjectProvider<BatchHandler> handler) {
        FilterRegistrationBean<IntakeFilter> filter =
                new FilterRegistrationBean<>(new IntakeFilter(SingletonSupplier.of(handler::getObject)));
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        filter.setDispatcherTypes(DispatcherType.REQUEST);
        return filter;
    }

    @Bean
    SimpleUrlHandlerMapping intakeMapping(BatchHandler handler) {
        return new SimpleUrlHandlerMapping(Map.of(BatchHandler.PATH, handler), Ordered.HIGHEST_PRECEDENCE);
    }

    @Bean
    IntakeDrain intakeDrain(Capacity capacity, IntakeSettings settings) {
        return new IntakeDrain(capacity, settings.drainTime());
    }
}
