package org.svos.telemetry.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Which settings a start with the build's wiring may have. */
class MadeAheadTest {

    @Test
    void itFitsTheDefaults() {
        assertThat(MadeAhead.fits(with(Map.of()))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "telemetry.store=sqlite",
                "telemetry.lantern-rock.protocol=otlp",
                "server.port=9080",
                "server.ssl.bundle=mine",
                "management.server.port=9081",
                "management.server.port=0",
                "spring.lifecycle.timeout-per-shutdown-phase=5s",
                "spring.ssl.bundle.pem.mine.truststore.certificate=/etc/ca.pem",
                "logging.level.root=info"
            })
    void itFitsValues(String setting) {
        assertThat(MadeAhead.fits(with(parsed(setting)))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "telemetry.tracing.url=http://127.0.0.1:4318/v1/traces",
                "management.server.port=8080",
                "management.server.port=-1",
                "management.endpoints.web.exposure.include=*",
                "management.health.diskspace.enabled=true",
                "spring.threads.virtual.enabled=false",
                "springdoc.api-docs.enabled=false"
            })
    void itDoesNotFitWhatSwitchesParts(String setting) {
        assertThat(MadeAhead.fits(with(parsed(setting)))).isFalse();
    }

    @Test
    void variablesOfTheEnvironmentCountLikeKeys() {
        assertThat(MadeAhead.fits(withVariables(Map.of("SPRING_THREADS_VIRTUAL_ENABLED", "false"))))
                .isFalse();
        assertThat(MadeAhead.fits(withVariables(
                        Map.of("MANAGEMENT_SERVER_PORT", "9081", "SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE", "5s"))))
                .isTrue();
    }

    private static Map<String, Object> parsed(String setting) {
        int end = setting.indexOf('=');
        return Map.of(setting.substring(0, end), setting.substring(end + 1));
    }

    private static StandardEnvironment with(Map<String, Object> settings) {
        return read(new MapPropertySource("a file", settings));
    }

    private static StandardEnvironment withVariables(Map<String, Object> variables) {
        return read(new SystemEnvironmentPropertySource("variables", variables));
    }

    /** With the jar's own file behind it. */
    private static StandardEnvironment read(MapPropertySource source) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(source);
        ConfigDataEnvironmentPostProcessor.applyTo(environment);
        return environment;
    }
}
