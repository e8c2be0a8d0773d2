package org.svos.telemetry.acceptance.chart;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The questions that the chart's dashboard and alerts put to Prometheus. */
public final class Queries {

    static final Path FILES = Chart.FOLDER.resolve("files");

    private Queries() {}

    /**
     * Each query of the dashboard, by where it stands, with Grafana's variables replaced by what they are by default.
     *
     * @param interval in place of the interval that a rate is taken over, such as {@code 5m}
     */
    public static Map<String, String> ofTheDashboard(String interval) {
        Map<String, String> queries = new LinkedHashMap<>();
        for (JsonNode panel : dashboard().path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                String query = target.path("expr")
                        .asString()
                        .replace("$__rate_interval", interval)
                        .replace("$database", ".*")
                        .replace("$host", ".*");
                queries.put(
                        panel.path("title").asString() + " (" + panel.path("id").asInt()
                                + target.path("refId").asString() + ")",
                        query);
            }
        }
        return queries;
    }

    static JsonNode dashboard() {
        return JsonMapper.shared().readTree(Chart.read(FILES.resolve("dashboard.json")));
    }

    /** Each alert's rule. */
    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> alerts() {
        List<Map<String, Object>> alerts = new ArrayList<>();
        Map<String, Object> file = Chart.yaml(Chart.read(FILES.resolve("alerts.yaml")));
        for (Map<String, Object> group : (List<Map<String, Object>>) file.get("groups")) {
            alerts.addAll((List<Map<String, Object>>) group.get("rules"));
        }
        return alerts;
    }

    /** Names of the gateway's and the loader's metrics in the alerts' expressions. */
    public static String ofTheAlerts() {
        StringBuilder all = new StringBuilder();
        alerts().forEach(alert -> all.append(alert.get("expr")).append('\n'));
        return all.toString();
    }
}
