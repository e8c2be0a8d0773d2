package org.svos.telemetry.gateway.intake;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.svos.telemetry.gateway.access.Access;
import org.svos.telemetry.gateway.admission.Admission;
import org.svos.telemetry.gateway.registry.Registry;

/** The intake, as a plain handler of Spring MVC: nothing stands between the servlet and it. */
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
            MeterRegistry meters) {
        return new BatchHandler(
                access, new SandboxGate(registry), admission, settings, capacity, new IntakeMeters(meters));
    }

    /** First of all mappings: the hot path is not to be looked for behind the others. */
    @Bean
    SimpleUrlHandlerMapping intakeMapping(BatchHandler handler) {
        return new SimpleUrlHandlerMapping(Map.of(BatchHandler.PATH, handler), Ordered.HIGHEST_PRECEDENCE);
    }

    @Bean
    IntakeDrain intakeDrain(Capacity capacity) {
        return new IntakeDrain(capacity);
    }
}
