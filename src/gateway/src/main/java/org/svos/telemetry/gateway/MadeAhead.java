package org.svos.telemetry.gateway;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.aot.AotDetector;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.ClassUtils;

/**
 * Whether the wiring that the build wrote down (Spring's ahead-of-time processing) is what this start needs. It spares a quarter
 * of the start, and holds for the settings of application.yaml, whatever their values, but for those that decide which parts
 * there are. With one of these, with another key of Spring's own, or with {@code -Dspring.aot.enabled=false}, the parts are
 * looked for at the start as ever.
 */
final class MadeAhead implements EnvironmentPostProcessor, Ordered {

    /** Keys of Spring's that switch no part on or off. */
    private static final List<ConfigurationPropertyName> VALUES_ONLY = Stream.of(
                    "management.server.address",
                    "management.server.port",
                    "spring.aot",
                    "spring.application",
                    "spring.config",
                    "spring.lifecycle",
                    "spring.ssl.bundle")
            .map(ConfigurationPropertyName::of)
            .toList();

    private static final Set<String> SPRINGS_OWN = Set.of("management", "spring", "springdoc");

    /** Uses what was made ahead, if it is in the jar and not being made; the settings may yet ask for something else. */
    static void use() {
        if (!Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)
                && System.getProperty(AotDetector.AOT_ENABLED) == null
                && ClassUtils.isPresent(GatewayApplication.class.getName() + "__ApplicationContextInitializer", null)) {
            SpringProperties.setFlag(AotDetector.AOT_ENABLED);
        }
    }

    /** Whether this start uses it; known once the settings have been read. */
    static boolean isUsed() {
        return AotDetector.useGeneratedArtifacts();
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE; // when every file has been read
    }

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        if (isUsed() && !fits(environment)) {
            SpringProperties.setProperty(AotDetector.AOT_ENABLED, "false");
        }
    }

    /** Whether these settings are ones that the build's wiring holds for. */
    static boolean fits(ConfigurableEnvironment environment) {
        String management = environment.getProperty("management.server.port", "");
        return environment.getProperty("telemetry.tracing.url", "").isEmpty()
                && !management.startsWith("-")
                && (management.equals("0") || !management.equals(environment.getProperty("server.port")))
                && environment.getPropertySources().stream().noneMatch(MadeAhead::switchesParts);
    }

    private static boolean switchesParts(PropertySource<?> source) {
        return !source.getName().contains("class path resource [application.yaml]")
                && source instanceof EnumerablePropertySource<?> keys
                && Arrays.stream(keys.getPropertyNames())
                        .map(key -> name(key, source))
                        .anyMatch(MadeAhead::switchesPart);
    }

    private static ConfigurationPropertyName name(String key, PropertySource<?> source) {
        return source instanceof SystemEnvironmentPropertySource
                ? ConfigurationPropertyName.adapt(key.toLowerCase(Locale.ROOT).replace('_', '.'), '.')
                : ConfigurationPropertyName.adapt(key, '.');
    }

    private static boolean switchesPart(ConfigurationPropertyName name) {
        return !name.isEmpty()
                && SPRINGS_OWN.contains(name.getElement(0, ConfigurationPropertyName.Form.UNIFORM))
                && VALUES_ONLY.stream().noneMatch(values -> values.equals(name) || values.isAncestorOf(name));
    }
}
