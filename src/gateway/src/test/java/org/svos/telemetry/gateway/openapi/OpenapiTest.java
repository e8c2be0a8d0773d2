package org.svos.telemetry.gateway.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.SharedGateway;
import tools.jackson.databind.JsonNode;

@ExtendWith(SharedGateway.class)
class OpenapiTest {

    /** The calls of the contract that exist. */
    private static final Set<String> CALLS = Set.of(
            "post /api/v1/databases",
            "get /api/v1/databases",
            "get /api/v1/databases/{name}",
            "patch /api/v1/databases/{name}",
            "delete /api/v1/databases/{name}",
            "post /api/v1/databases/{name}/sandboxes",
            "get /api/v1/databases/{name}/sandboxes",
            "get /api/v1/sandboxes/{id}",
            "patch /api/v1/sandboxes/{id}",
            "delete /api/v1/sandboxes/{id}",
            "post /api/v1/sandboxes/{sandboxId}/batches",
            "post /api/v1/tokens",
            "get /api/v1/tokens",
            "delete /api/v1/tokens/{id}",
            "get /api/v1/databases/{name}/usage",
            "get /api/v1/databases/{name}/ledger",
            "get /api/v1/ledger",
            "get /api/v1/databases/{name}/dead-letters",
            "get /api/v1/databases/{name}/dead-letters/{id}",
            "post /api/v1/databases/{name}/dead-letters/{id}/replay",
            "post /api/v1/databases/{name}/dead-letters/replay",
            "delete /api/v1/databases/{name}/dead-letters/{id}",
            "get /api/v1/databases/{name}/diagnosis",
            "get /api/v1/hosts",
            "get /api/v1/audit");

    @Test
    void everyCallIsDescribedForAllToRead(RunningGateway gateway) {
        Answer answer = gateway.call(null, "GET", "/v3/api-docs", null);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("openapi")).startsWith("3.1");
        Set<String> described = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : answer.json().get("paths").properties()) {
            path.getValue().propertyNames().forEach(method -> described.add(method + " " + path.getKey()));
        }
        assertThat(described).containsAll(CALLS);
    }

    @Test
    void noCallShowsWhatTheCallerDoesNotSend(RunningGateway gateway) {
        JsonNode paths = gateway.call(null, "GET", "/v3/api-docs", null).json().get("paths");

        JsonNode list = paths.get("/api/v1/databases").get("get").get("parameters");
        assertThat(list).hasSize(2);
        assertThat(list.get(0).get("name").asString()).isEqualTo("limit");
        assertThat(paths.get("/api/v1/databases").get("post").has("parameters")).isFalse();
        assertThat(paths.get("/api/v1/databases")
                        .get("post")
                        .get("requestBody")
                        .get("content")
                        .has("application/json"))
                .isTrue();
        assertThat(paths.get("/api/v1/tokens")
                        .get("post")
                        .get("responses")
                        .get("default")
                        .get("content")
                        .has("application/problem+json"))
                .isTrue();
    }
}
