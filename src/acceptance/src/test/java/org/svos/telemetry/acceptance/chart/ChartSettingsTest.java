package org.svos.telemetry.acceptance.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.svos.telemetry.acceptance.chart.Chart.Pod;
import org.svos.telemetry.loader.config.ConfigReader;

/** Every setting that the chart gives to a program is one that the program has. */
class ChartSettingsTest {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]+):");
    /** The JVM's own. */
    private static final String JVM = "JAVA_TOOL_OPTIONS";

    private static final String GATEWAY = applicationYaml();
    private static final String LOADER = ConfigReader.packaged();

    static List<String> ways() {
        return Chart.ways();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void ofTheGateway(String way) {
        Set<String> variables = VARIABLE.matcher(GATEWAY)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        variables.add(JVM);

        assertThat(keys(Chart.configured(way, "gateway.yaml"))).isSubsetOf(keys(GATEWAY));
        for (Pod pod : Chart.pods(way)) {
            if (!pod.of().equals("DaemonSet")) {
                assertThat(environment(pod)).as(pod.of()).isSubsetOf(variables);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void ofTheHostLoader(String way) {
        Set<String> variables =
                keys(LOADER).stream().map(ChartSettingsTest::variable).collect(Collectors.toCollection(TreeSet::new));
        variables.add(JVM);

        assertThat(variables).contains("TELEMETRY_HOST_GATEWAY_CONNECT_TIMEOUT");
        assertThat(keys(Chart.configured(way, "config.yaml"))).isSubsetOf(keys(LOADER));
        for (Pod pod : Chart.pods(way)) {
            if (pod.of().equals("DaemonSet")) {
                assertThat(environment(pod)).isSubsetOf(variables);
            }
        }
    }

    private static Set<String> environment(Pod pod) {
        V1Container container = pod.spec().getContainers().getFirst();
        List<V1EnvVar> variables = container.getEnv() == null ? List.of() : container.getEnv();
        return variables.stream().map(V1EnvVar::getName).collect(Collectors.toCollection(TreeSet::new));
    }

    /** As the loader's config.yaml says it. */
    private static String variable(String key) {
        return "TELEMETRY_HOST_"
                + key.replace('.', '_').replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }

    private static Set<String> keys(String yaml) {
        Set<String> keys = new TreeSet<>();
        if (!yaml.isEmpty()) {
            collect("", Chart.yaml(yaml), keys);
        }
        return keys;
    }

    private static void collect(String prefix, Map<?, ?> map, Set<String> keys) {
        map.forEach((name, value) -> {
            String key = prefix.isEmpty() ? name.toString() : prefix + "." + name;
            if (value instanceof Map<?, ?> inner) {
                collect(key, inner, keys);
            } else {
                keys.add(key);
            }
        });
    }

    private static String applicationYaml() {
        try (InputStream in = ChartSettingsTest.class.getResourceAsStream("/application.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
