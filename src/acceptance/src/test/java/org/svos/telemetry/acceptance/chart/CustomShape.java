package org.svos.telemetry.acceptance.chart;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.svos.telemetry.acceptance.chart.Chart.Manifest;

/**
 * The fields of custom resources that the chart uses, as their definitions have them (prometheus-operator's API v1, the Gateway
 * API's v1): a field beside these does not exist, or is to be looked up there and added here. In a path [] stands
 * for each element of a list, and * for any key.
 */
record CustomShape(String kind, String version, List<String> required, List<String> optional) {

    private static final List<CustomShape> KNOWN = List.of(
            new CustomShape(
                    "ServiceMonitor",
                    "monitoring.coreos.com/v1",
                    List.of("spec.selector.matchLabels.*", "spec.endpoints[].port"),
                    List.of("spec.endpoints[].path", "spec.endpoints[].interval")),
            new CustomShape(
                    "PodMonitor",
                    "monitoring.coreos.com/v1",
                    List.of("spec.selector.matchLabels.*", "spec.podMetricsEndpoints[].port"),
                    List.of(
                            "spec.podMetricsEndpoints[].path",
                            "spec.podMetricsEndpoints[].interval",
                            "spec.podMetricsEndpoints[].relabelings[].sourceLabels[]",
                            "spec.podMetricsEndpoints[].relabelings[].targetLabel")),
            new CustomShape(
                    "PrometheusRule",
                    "monitoring.coreos.com/v1",
                    List.of("spec.groups[].name", "spec.groups[].rules[].alert", "spec.groups[].rules[].expr"),
                    List.of(
                            "spec.groups[].rules[].for",
                            "spec.groups[].rules[].labels.*",
                            "spec.groups[].rules[].annotations.*")),
            new CustomShape(
                    "HTTPRoute",
                    "gateway.networking.k8s.io/v1",
                    List.of(
                            "spec.parentRefs[].name",
                            "spec.rules[].backendRefs[].name",
                            "spec.rules[].backendRefs[].port"),
                    List.of(
                            "spec.parentRefs[].namespace",
                            "spec.parentRefs[].sectionName",
                            "spec.hostnames[]",
                            "spec.rules[].matches[].path.type",
                            "spec.rules[].matches[].path.value")));

    private static final Set<String> OF_ALL =
            Set.of("apiVersion", "kind", "metadata.name", "metadata.labels.*", "metadata.annotations.*");

    /** What is wrong with it, for a person. */
    static List<String> faults(Manifest manifest) {
        for (CustomShape shape : KNOWN) {
            if (shape.kind.equals(manifest.kind())
                    && shape.version.equals(manifest.content().get("apiVersion"))) {
                return shape.faultsOf(manifest.content());
            }
        }
        return List.of("no shape of " + manifest.kind() + " is known");
    }

    private List<String> faultsOf(Map<String, Object> content) {
        Set<String> paths = new LinkedHashSet<>();
        collect("", content, paths);
        List<String> faults = new ArrayList<>();
        for (String path : paths) {
            String map = path.replaceAll("\\.[^.]*$", ".*");
            String labels = path.replaceAll(
                    "^(metadata\\.(?:labels|annotations)|.*\\.(?:matchLabels|labels|annotations))\\..*$", "$1.*");
            if (!OF_ALL.contains(path) && !OF_ALL.contains(labels) && !known(path) && !known(labels) && !known(map)) {
                faults.add(path + " does not exist");
            }
        }
        for (String path : required) {
            String prefix = path.replace(".*", ".");
            if (paths.stream()
                    .noneMatch(present -> path.endsWith("*") ? present.startsWith(prefix) : present.equals(path))) {
                faults.add(path + " is missing");
            }
        }
        return faults;
    }

    private boolean known(String path) {
        return required.contains(path) || optional.contains(path);
    }

    private static void collect(String path, Object value, Set<String> paths) {
        switch (value) {
            case Map<?, ?> map ->
                map.forEach((key, entry) -> collect(path.isEmpty() ? key.toString() : path + "." + key, entry, paths));
            case List<?> list -> list.forEach(entry -> collect(path + "[]", entry, paths));
            default -> paths.add(path);
        }
    }
}
