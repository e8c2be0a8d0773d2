package org.svos.telemetry.acceptance.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.svos.telemetry.acceptance.chart.Chart.Manifest;

/** The chart with the values of each file in {@code ci}, and what Kubernetes would say of it. */
class ManifestsTest {

    @TempDir
    private Path folder;

    static List<String> ways() {
        return Chart.ways();
    }

    /** Lint takes no values, so that it is shown a copy of the chart whose own values are those. */
    @ParameterizedTest
    @MethodSource("ways")
    void lintHasNothingToSay(String way) throws IOException {
        Path copy = folder.resolve("chart");
        Chart.copy(Chart.FOLDER, copy);
        Map<String, Object> values = Chart.yaml(Chart.read(Chart.FOLDER.resolve("values.yaml")));
        merge(values, Chart.yaml(Chart.read(Chart.values(way))));
        Files.writeString(
                copy.resolve("values.yaml"), new Dump(DumpSettings.builder().build()).dumpToString(values));

        LintResult result = new Helm(copy).lint().strict().call();

        assertThat(result.isFailed())
                .as(String.join("\n", result.getMessages()))
                .isFalse();
    }

    @Test
    void itPackages() throws IOException {
        new Helm(Chart.FOLDER).packageIt().withDestination(folder).call();

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactly("kernel-telemetry-1.0.0-SNAPSHOT.tgz");
        }
    }

    /** The release's own packing is not Helm's, whose archives differ from one to the next. */
    @Test
    void theReleasesArchiveIsTheChartAndTheSameEachTime() throws Exception {
        Path archive = folder.resolve("kernel-telemetry-1.0.0-SNAPSHOT.tgz");
        List<byte[]> archives = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Process packing = new ProcessBuilder(
                            Chart.TREE.resolve("helm/package").toString(), folder.toString())
                    .redirectErrorStream(true)
                    .start();
            assertThat(packing.inputReader().readAllAsString()).isEqualToIgnoringNewLines(archive.toString());
            assertThat(packing.waitFor()).isZero();
            archives.add(Files.readAllBytes(archive));
        }
        assertThat(archives.get(0)).isEqualTo(archives.get(1));

        assertThat(rendered(archive)).isEqualTo(rendered(Chart.FOLDER));
    }

    private static String rendered(Path chart) {
        return new Helm(chart)
                .template()
                .withKubeVersion("1.31.0")
                .withValuesFile(Chart.values("default-values.yaml"))
                .call();
    }

    @Test
    void chartAndGatewayHaveOneVersion() {
        Map<String, Object> chart = Chart.yaml(Chart.read(Chart.FOLDER.resolve("Chart.yaml")));

        assertThat(Chart.read(Chart.TREE.resolve("pom.xml")))
                .contains(
                        "<artifactId>kernel-telemetry</artifactId>\n  <version>" + chart.get("version") + "</version>");
        assertThat(chart.get("appVersion")).isEqualTo(chart.get("version"));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void everyFieldExists(String way) {
        List<Manifest> manifests = Chart.manifests(way);

        assertThat(manifests).isNotEmpty();
        for (Manifest manifest : manifests) {
            if (manifest.isCustom()) {
                assertThat(CustomShape.faults(manifest)).as(manifest.kind()).isEmpty();
            } else {
                assertThat(manifest.typed()).as(manifest.text()).isNotNull();
            }
        }
    }

    /** That the test above can fail. */
    @Test
    void aMisspeltFieldIsFound() {
        String service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {sellector: {a: b}}\n";
        String monitor = """
            apiVersion: monitoring.coreos.com/v1
            kind: ServiceMonitor
            metadata: {name: a}
            spec: {selector: {matchLabels: {a: b}}, endpoints: [{prot: api}]}
            """;

        assertThatThrownBy(() -> new Manifest(service, Chart.yaml(service)).typed())
                .hasMessageContaining("sellector");
        assertThat(CustomShape.faults(new Manifest(monitor, Chart.yaml(monitor))))
                .containsExactly("spec.endpoints[].prot does not exist", "spec.endpoints[].port is missing");
    }

    /** After a change that is wanted: mvn -pl src/acceptance -am test -Dtest=ManifestsTest -Dgolden=renew. */
    @ParameterizedTest
    @MethodSource("ways")
    void theRenderingIsTheGoldenOne(String way) throws IOException {
        String rendering = abridged(Chart.render(Chart.values(way)));
        Path golden = Path.of("src/test/resources/chart", way.replace("-values", ""));
        if ("renew".equals(System.getProperty("golden"))) {
            Files.createDirectories(golden.getParent());
            Files.writeString(golden, rendering);
        }

        assertThat(rendering).isEqualTo(Files.readString(golden));
    }

    /** Without the long files that are in the tree anyway. */
    private static String abridged(String rendering) {
        String dashboard = Chart.read(Chart.FOLDER.resolve("files/dashboard.json"));
        return rendering.replace(indented(dashboard, 4), "    (files/dashboard.json)");
    }

    private static String indented(String text, int by) {
        return " ".repeat(by) + text.stripTrailing().replace("\n", "\n" + " ".repeat(by));
    }

    @SuppressWarnings("unchecked")
    private static void merge(Map<String, Object> into, Map<String, Object> more) {
        more.forEach((key, value) -> {
            if (value instanceof Map<?, ?> map && into.get(key) instanceof Map<?, ?> present) {
                Map<String, Object> merged = new LinkedHashMap<>((Map<String, Object>) present);
                merge(merged, (Map<String, Object>) map);
                into.put(key, merged);
            } else {
                into.put(key, value);
            }
        });
    }
}
