package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.acceptance.chart.Promtool;
import org.svos.telemetry.acceptance.chart.Queries;
import tools.jackson.databind.JsonNode;

/** A real Prometheus scrapes a gateway and a host loader, with the chart's alerts, and is asked what the dashboard asks. */
class PrometheusIT {

    private static final Pattern METRIC = Pattern.compile("telemetry_[a-z_]+");

    @TempDir
    private Path folder;

    @Test
    void itHasAnAnswerToEachQueryAfterSomeTraffic() {
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(folder, lanternRock)) {
            Registered drivers = gateway.register("drivers");
            // Reached at an address that is the loopback's and not the default's: it listens on all.
            try (HostLoader loader = new HostLoader(folder, drivers, Map.of("TELEMETRY_HOST_HTTP_ADDRESS", "0.0.0.0"));
                    Prometheus prometheus =
                            new Prometheus(folder, address(gateway.managementUrl()), "127.0.0.2:" + loader.port())) {
                bothAreUp(prometheus);
                loader.runExample(50, drivers.sandbox());
                assertThat(drivers.post("{").status()).isEqualTo(400);

                Eventually.within(
                        Duration.ofSeconds(60),
                        () -> assertThat(prometheus
                                        .query("telemetry_events_total{outcome=\"delivered\", database=\"drivers\"}")
                                        .at("/0/value/1")
                                        .asString(""))
                                .isEqualTo("55"));
                Eventually.within(
                        Duration.ofSeconds(60),
                        () -> assertThat(unanswered(prometheus)).isEmpty());
                eachMetricOfTheAlertsIsThere(prometheus);
                noAlertFires(prometheus);
                clean("gateway", gateway.managementUrl() + "/actuator/prometheus");
                clean("host loader", "http://127.0.0.2:" + loader.port() + "/metrics");
            }
        }
    }

    private static String address(String url) {
        return url.replace("http://", "");
    }

    private static void bothAreUp(Prometheus prometheus) {
        Eventually.within(Duration.ofSeconds(30), () -> {
            List<String> targets = new ArrayList<>();
            prometheus
                    .targets()
                    .forEach(target -> targets.add(target.at("/labels/job").asString() + " "
                            + target.path("health").asString()
                            + target.path("lastError").asString("")));
            assertThat(targets).containsExactlyInAnyOrder("gateway up", "host up");
        });
    }

    private static List<String> unanswered(Prometheus prometheus) {
        return Queries.ofTheDashboard("30s").entrySet().stream()
                .filter(query -> prometheus.query(query.getValue()).isEmpty())
                .map(query -> query.getKey() + ": " + query.getValue())
                .toList();
    }

    private static void eachMetricOfTheAlertsIsThere(Prometheus prometheus) {
        TreeSet<String> names = METRIC.matcher(Queries.ofTheAlerts())
                .results()
                .map(match -> match.group())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(names)
                .hasSizeGreaterThan(8)
                .allSatisfy(name ->
                        assertThat(prometheus.query(name).isEmpty()).as(name).isFalse());
    }

    private static void noAlertFires(Prometheus prometheus) {
        JsonNode rules = prometheus.rules();

        assertThat(rules.size()).isPositive();
        for (JsonNode rule : rules) {
            assertThat(rule.path("health").asString()).as(rule.toString()).isEqualTo("ok");
            assertThat(rule.path("state").asString()).as(rule.toString()).isEqualTo("inactive");
        }
    }

    private void clean(String whose, String url) {
        Promtool.Result result = Promtool.run(folder, Http.get(url, Map.of()).body(), "check", "metrics");

        assertThat(result).as("metrics of the " + whose).isEqualTo(new Promtool.Result(0, ""));
    }
}
