package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Debian's Prometheus as a process, on a port and a folder of its own, with the chart's alerts for its rules. */
final class Prometheus implements AutoCloseable {

    private final int port = Build.freePort();
    private final Child child;

    /**
     * One that scrapes every second.
     *
     * @param gateway host and port of its management
     * @param host host and port of a host loader
     */
    Prometheus(Path folder, String gateway, String host) {
        Path config = folder.resolve("prometheus.yml");
        try {
            Files.writeString(config, """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: gateway
                    metrics_path: /actuator/prometheus
                    static_configs: [{targets: ["%s"]}]
                  - job_name: host
                    static_configs: [{targets: ["%s"]}]
                """.formatted(
                            Build.TREE.resolve("helm/kernel-telemetry/files/alerts.yaml"), gateway, host));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        child = Child.start(
                "prometheus",
                folder.resolve("prometheus.log"),
                Map.of(),
                List.of(
                        "prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("prometheus"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=warn"));
        Eventually.within(Duration.ofSeconds(30), () -> {
            child.requireAlive();
            try {
                assertThat(ask("/-/ready").status()).isEqualTo(200);
            } catch (UncheckedIOException e) {
                throw new AssertionError("prometheus does not answer yet", e);
            }
        });
    }

    private Http.Answer ask(String path) {
        return Http.get("http://127.0.0.1:" + port + path, Map.of());
    }

    /** What a query has for an answer: series, each with a value. */
    JsonNode query(String query) {
        Http.Answer answer = ask("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        assertThat(answer.status()).as(query + "\n" + answer.body()).isEqualTo(200);
        return answer.json().at("/data/result");
    }

    /** What is scraped, each with its health. */
    JsonNode targets() {
        return ask("/api/v1/targets").json().at("/data/activeTargets");
    }

    /** The rules, each with its state and health. */
    JsonNode rules() {
        return ask("/api/v1/rules").json().at("/data/groups/0/rules");
    }

    @Override
    public void close() {
        child.close();
    }
}
