package org.svos.telemetry.acceptance.chart;

import com.marcnuri.helm.Helm;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1CronJob;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.util.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The chart in the source tree, and what it renders. */
final class Chart {

    /** Maven runs the tests of a module in the module's folder. */
    static final Path TREE = Path.of("../..").toAbsolutePath().normalize();

    static final Path FOLDER = TREE.resolve("helm/kernel-telemetry");

    private Chart() {}

    /** Values for each way to run the chart: the names of the files in {@code ci}. */
    static List<String> ways() {
        try (Stream<Path> files = Files.list(FOLDER.resolve("ci"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path values(String way) {
        return FOLDER.resolve("ci").resolve(way);
    }

    private static final String HOOK = "helm.sh/hook";
    private static final String NO_HOOK = "helm-sh/hook";

    /**
     * All manifests, hooks and tests included: as the library leaves those out, it is shown a copy of the chart in which they are
     * none, and they are made hooks again in what comes of it.
     */
    static String render(Path values) {
        return new Helm(WithoutHooks.FOLDER)
                .template()
                .withName("telemetry")
                .withNamespace("observe")
                .withKubeVersion("1.31.0")
                .withValuesFile(values)
                .call()
                .replace(NO_HOOK, HOOK);
    }

    private static final class WithoutHooks {

        static final Path FOLDER = make();

        private static Path make() {
            Path folder = Path.of("target/chart-without-hooks").toAbsolutePath();
            copy(Chart.FOLDER, folder);
            try (Stream<Path> files = Files.walk(folder.resolve("templates"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.writeString(file, Files.readString(file).replace(HOOK, NO_HOOK));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return folder;
        }
    }

    /** Copies a folder; what the copy has and the folder has not is deleted. */
    static void copy(Path from, Path to) {
        try {
            if (Files.exists(to)) {
                try (Stream<Path> files = Files.walk(to)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.toList()) {
                    Path copy = to.resolve(from.relativize(file).toString());
                    if (Files.isDirectory(file)) {
                        Files.createDirectories(copy);
                    } else {
                        Files.copy(file, copy);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One YAML document. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> yaml(String text) {
        return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(text);
    }

    /** A manifest as text, and as maps and lists. */
    record Manifest(String text, Map<String, Object> content) {

        String kind() {
            return String.valueOf(content.get("kind"));
        }

        /** Of a custom resource, whose types Kubernetes' client does not have. */
        boolean isCustom() {
            String version = String.valueOf(content.get("apiVersion"));
            return version.startsWith("monitoring.coreos.com/") || version.startsWith("gateway.networking.k8s.io/");
        }

        /** As Kubernetes' own type; a field that does not exist fails. */
        Object typed() {
            try {
                return Yaml.load(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static List<Manifest> manifests(String way) {
        return manifests(values(way));
    }

    static List<Manifest> manifests(Path values) {
        List<Manifest> manifests = new ArrayList<>();
        for (String text : render(values).split("(?m)^---$", -1)) {
            Map<String, Object> content = yaml(text);
            if (content != null) {
                manifests.add(new Manifest(text, content));
            }
        }
        return manifests;
    }

    /** A pod as some manifest describes it. */
    record Pod(String of, V1PodSpec spec) {}

    static List<Pod> pods(String way) {
        return pods(values(way));
    }

    static List<Pod> pods(Path values) {
        List<Pod> pods = new ArrayList<>();
        for (Manifest manifest : manifests(values)) {
            if (manifest.isCustom()) {
                continue;
            }
            V1PodSpec spec = switch (manifest.typed()) {
                case V1StatefulSet set -> set.getSpec().getTemplate().getSpec();
                case V1DaemonSet set -> set.getSpec().getTemplate().getSpec();
                case V1Deployment deployment ->
                    deployment.getSpec().getTemplate().getSpec();
                case V1Job job -> job.getSpec().getTemplate().getSpec();
                case V1CronJob job ->
                    job.getSpec().getJobTemplate().getSpec().getTemplate().getSpec();
                case V1Pod pod -> pod.getSpec();
                default -> null;
            };
            if (spec != null) {
                pods.add(new Pod(manifest.kind(), spec));
            }
        }
        return pods;
    }

    /** The file of that name in the ConfigMaps; empty if there is none. */
    static String configured(String way, String file) {
        return manifests(way).stream()
                .filter(manifest -> manifest.kind().equals("ConfigMap"))
                .map(manifest -> ((V1ConfigMap) manifest.typed()).getData())
                .filter(data -> data.containsKey(file))
                .map(data -> data.get(file))
                .findFirst()
                .orElse("");
    }
}
