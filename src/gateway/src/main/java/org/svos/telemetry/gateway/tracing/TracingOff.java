package org.svos.telemetry.gateway.tracing;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves OpenTelemetry out of a gateway that has no address to send traces to: with Spring Boot's own switches it would be there
 * all the same, with a thread, a tracer for each observation, and its time at the start.
 */
final class TracingOff implements AutoConfigurationImportFilter, EnvironmentAware {

    private boolean isOff;

    @Override
    public void setEnvironment(Environment environment) {
        // Here already, so that a fault is told in words before somebody else meets it.
        isOff = Binder.get(environment)
                .bind("telemetry.tracing", TracingSettings.class)
                .map(settings -> settings.url().isEmpty())
                .orElse(true);
    }

    @Override
    public boolean[] match(@Nullable String[] autoConfigurations, AutoConfigurationMetadata metadata) {
        boolean[] wanted = new boolean[autoConfigurations.length];
        for (int i = 0; i < wanted.length; i++) {
            String name = autoConfigurations[i];
            wanted[i] = !isOff
                    || name == null
                    || !(name.startsWith("org.springframework.boot.opentelemetry.")
                            || name.startsWith("org.springframework.boot.micrometer.tracing."));
        }
        return wanted;
    }
}
