package org.svos.telemetry.acceptance.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import tools.jackson.databind.JsonNode;

/** Alerts, their runbooks and the dashboard: as far as they can be shown without a Prometheus that runs. */
class MonitoringFilesTest {

    private static final Path RUNBOOKS = Chart.TREE.resolve("docs/runbooks");

    @TempDir
    private Path folder;

    @Test
    void theRulesAreClean() {
        Promtool.Result result = Promtool.run(Queries.FILES, "", "check", "rules", "alerts.yaml");

        assertThat(result).as(result.output()).isEqualTo(new Promtool.Result(0, result.output()));
        assertThat(result.output()).contains("SUCCESS: " + Queries.alerts().size() + " rules found");
    }

    @Test
    void eachAlertFiresWhenItShouldAndNotBefore() {
        Promtool.Result result = Promtool.run(Queries.FILES, "", "test", "rules", "alerts_test.yaml");

        assertThat(result.code()).as(result.output()).isZero();
    }

    @Test
    void eachAlertHasATestThatItFiresAndOneThatItDoesNot() {
        String tests = Chart.read(Queries.FILES.resolve("alerts_test.yaml"));

        for (Map<String, Object> alert : Queries.alerts()) {
            assertThat(tests)
                    .containsPattern("alertname: " + alert.get("alert")
                            + "\\n +eval_time: \\w+\\n +exp_alerts:\\n +- exp_labels:")
                    .containsPattern("\\{alertname: " + alert.get("alert") + ", eval_time: \\w+, exp_alerts: \\[]}");
        }
    }

    @Test
    void eachAlertHasARunbookAndEachRunbookAnAlert() throws IOException {
        TreeSet<String> pages;
        try (Stream<Path> files = Files.list(RUNBOOKS)) {
            pages = files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("README.md"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        List<Map<String, Object>> alerts = Queries.alerts();

        assertThat(alerts).extracting(alert -> alert.get("alert") + ".md").containsExactlyInAnyOrderElementsOf(pages);
        for (Map<String, Object> alert : alerts) {
            assertThat(((Map<?, ?>) alert.get("annotations")).get("runbook_url"))
                    .isEqualTo("docs/runbooks/" + alert.get("alert") + ".md");
            assertThat(Chart.read(RUNBOOKS.resolve(alert.get("alert") + ".md")))
                    .startsWith("# " + alert.get("alert") + "\n")
                    .contains("**Means**", "**Look**", "**Do**");
        }
    }

    @Test
    void theChartPutsTheRunbooksWhereTheyAreToBeRead() {
        assertThat(Chart.render(Chart.values("full-values.yaml")))
                .contains("runbook_url: https://runbooks.example.org/telemetry/TelemetryLaneParked.md")
                .doesNotContain("runbook_url: docs/");
    }

    /** promtool reads no query by itself, but the rules of a file. */
    @Test
    void eachQueryOfTheDashboardParses() throws IOException {
        List<Map<String, String>> rules = Queries.ofTheDashboard("5m").entrySet().stream()
                .map(query -> Map.of(
                        "record", "panel:" + query.getKey().replaceAll("[^A-Za-z0-9]", "_"), "expr", query.getValue()))
                .toList();
        Map<String, Object> file = Map.of("groups", List.of(Map.of("name", "dashboard", "rules", rules)));
        Files.writeString(
                folder.resolve("rules.yaml"), new Dump(DumpSettings.builder().build()).dumpToString(file));

        Promtool.Result result = Promtool.run(folder, "", "check", "rules", "rules.yaml");

        assertThat(rules).hasSizeGreaterThan(30);
        assertThat(result.code()).as(result.output()).isZero();
    }

    /** What all gateways of one store tell alike is not added up by the dashboard; what each tells of itself is. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        telemetry_spool_events                |                       | 7
        telemetry_spool_bytes                 |                       | 7
        telemetry_spool_oldest_age_seconds    |                       | 7
        telemetry_dead_letters                |                       | 7
        telemetry_ledger_imbalance_events     |                       | 7
        telemetry_silent_hosts                |                       | 7
        telemetry_quota_near_limit_databases  |                       | 7
        telemetry_quota_day_used_ratio        | {database="drivers"}  | 7
        telemetry_lanes                       | {state="open"}        | 21
        """)
    void threeGatewaysOnOneStoreAreAskedRightly(String gauge, @Nullable String labels, int expected)
            throws IOException {
        String own = labels == null ? "" : "," + labels.substring(1, labels.length() - 1);
        List<Map<String, String>> gateways = Stream.of("a", "b", "c")
                .map(instance -> Map.of(
                        "series",
                        "%s{job=\"gateway\",instance=\"%s\"%s}".formatted(gauge, instance, own),
                        "values",
                        "7x10"))
                .toList();
        List<Map<String, Object>> queries = Queries.ofTheDashboard("5m").values().stream()
                .filter(query -> query.contains(gauge))
                .map(query -> Map.<String, Object>of(
                        "expr",
                        query,
                        "eval_time",
                        "5m",
                        "exp_samples",
                        List.of(Map.of("labels", labels == null ? "{}" : labels, "value", expected))))
                .toList();
        Map<String, Object> test = Map.of("interval", "1m", "input_series", gateways, "promql_expr_test", queries);
        Files.writeString(
                folder.resolve("test.yaml"),
                new Dump(DumpSettings.builder().build()).dumpToString(Map.of("tests", List.of(test))));

        Promtool.Result result = Promtool.run(folder, "", "test", "rules", "test.yaml");

        assertThat(queries).isNotEmpty();
        assertThat(result.code()).as(result.output()).isZero();
    }

    @Test
    void eachPanelIsExplainedAndHasAPlaceOfItsOwn() {
        boolean[][] taken = new boolean[500][24];
        for (JsonNode panel : Queries.dashboard().path("panels")) {
            String title = panel.path("title").asString();
            JsonNode place = panel.path("gridPos");
            for (int y = 0; y < place.path("h").asInt(); y++) {
                for (int x = 0; x < place.path("w").asInt(); x++) {
                    boolean[] row = taken[place.path("y").asInt() + y];
                    assertThat(row[place.path("x").asInt() + x]).as(title).isFalse();
                    row[place.path("x").asInt() + x] = true;
                }
            }
            if (!panel.path("type").asString().equals("row")) {
                assertThat(panel.path("description").asString("")).as(title).isNotEmpty();
                assertThat(panel.path("targets").size()).as(title).isPositive();
            }
        }
    }

    /** Beyond the variables that are replaced in the tests there is none. */
    @Test
    void theDashboardsVariablesAreThoseThatItDefines() {
        String text = Chart.read(Queries.FILES.resolve("dashboard.json"));

        assertThat(Pattern.compile("\\$\\{?([a-z_]+)")
                        .matcher(text)
                        .results()
                        .map(match -> match.group(1))
                        .distinct())
                .containsExactlyInAnyOrder("__all", "__rate_interval", "database", "datasource", "host");
    }
}
