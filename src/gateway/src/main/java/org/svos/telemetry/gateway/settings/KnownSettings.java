package org.svos.telemetry.gateway.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;

/**
 * Refuses a start with a {@code telemetry.*} key that does not exist: a misspelt setting would otherwise be a default in
 * silence. The keys that exist are those of the jar's own application.yaml, which names each one. Environment variables are
 * left alone: a cluster puts in its own ({@code TELEMETRY_SERVICE_HOST}), and so do scripts.
 */
final class KnownSettings implements EnvironmentPostProcessor, Ordered {

    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("telemetry");

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE; // when every file has been read
    }

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        Set<ConfigurationPropertyName> known = known();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> keys
                    && !(source instanceof SystemEnvironmentPropertySource)) {
                Stream.of(keys.getPropertyNames())
                        .filter(key -> isUnknown(key, known))
                        .findFirst()
                        .ifPresent(key -> {
                            throw fault(key, source.getName(), known);
                        });
            }
        }
    }

    private static boolean isUnknown(String key, Set<ConfigurationPropertyName> known) {
        ConfigurationPropertyName name = ConfigurationPropertyName.adapt(key, '.');
        if (!PREFIX.isAncestorOf(name)) {
            return false;
        }
        while (name.isLastElementIndexed()) {
            name = name.getParent();
        }
        return !known.contains(name);
    }

    private static SettingFault fault(String key, String source, Set<ConfigurationPropertyName> known) {
        Comparator<String> nearestFirst = Comparator.comparingInt(candidate -> distance(candidate, key));
        List<String> nearest = known.stream()
                .map(ConfigurationPropertyName::toString)
                .sorted(nearestFirst.thenComparing(Comparator.naturalOrder()))
                .limit(3)
                .toList();
        return new SettingFault(
                "There is no setting \"" + key + "\" (found in " + source + ").",
                "Remove it or correct it. The nearest that exist: " + String.join(", ", new TreeSet<>(nearest)) + ".");
    }

    /** Levenshtein's distance, one row at a time. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j - 1], row[j]) + 1);
            }
        }
        return row[b.length()];
    }

    private static Set<ConfigurationPropertyName> known() {
        try {
            Set<ConfigurationPropertyName> names = new LinkedHashSet<>();
            for (PropertySource<?> source :
                    new YamlPropertySourceLoader().load("known", new ClassPathResource("application.yaml"))) {
                if (source instanceof EnumerablePropertySource<?> keys) {
                    for (String key : keys.getPropertyNames()) {
                        ConfigurationPropertyName name = ConfigurationPropertyName.adapt(key, '.');
                        if (PREFIX.isAncestorOf(name)) {
                            names.add(name);
                        }
                    }
                }
            }
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException("the jar has lost its application.yaml", e);
        }
    }
}
