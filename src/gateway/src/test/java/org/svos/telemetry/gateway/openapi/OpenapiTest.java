package org.svos.telemetry.gateway.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svos.telemetry.gateway.Conformance;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.SharedGateway;
import tools.jackson.databind.JsonNode;

/** The description as a whole. Whether answers are as it says, {@link RunningGateway} looks at with each that a test gets. */
@ExtendWith(SharedGateway.class)
class OpenapiTest {

    /** The calls of the contract. */
    private static final Set<String> CALLS = Set.of(
            "POST /api/v1/databases",
            "GET /api/v1/databases",
            "GET /api/v1/databases/{}",
            "PATCH /api/v1/databases/{}",
            "DELETE /api/v1/databases/{}",
            "POST /api/v1/databases/{}/sandboxes",
            "GET /api/v1/databases/{}/sandboxes",
            "PATCH /api/v1/sandboxes/{}",
            "DELETE /api/v1/sandboxes/{}",
            "POST /api/v1/sandboxes/{}/batches",
            "POST /api/v1/tokens",
            "GET /api/v1/tokens",
            "DELETE /api/v1/tokens/{}",
            "GET /api/v1/databases/{}/usage",
            "GET /api/v1/databases/{}/ledger",
            "GET /api/v1/ledger",
            "GET /api/v1/databases/{}/events",
            "GET /api/v1/databases/{}/diagnosis",
            "GET /api/v1/databases/{}/dead-letters",
            "POST /api/v1/databases/{}/dead-letters/{}/replay",
            "POST /api/v1/databases/{}/dead-letters/replay",
            "DELETE /api/v1/databases/{}/dead-letters/{}",
            "GET /api/v1/hosts",
            "GET /api/v1/audit");

    private static JsonNode document(RunningGateway gateway) {
        Answer answer = gateway.call(null, "GET", "/v3/api-docs", null);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    private record Call(String name, JsonNode operation) {}

    private static List<Call> calls(JsonNode document) {
        List<Call> calls = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> call : path.getValue().properties()) {
                calls.add(new Call(
                        call.getKey().toUpperCase(Locale.ROOT) + " " + RunningGateway.withoutNames(path.getKey()),
                        call.getValue()));
            }
        }
        return calls;
    }

    @Test
    void whatIsServedIsDescribedAndNothingElse(RunningGateway gateway) {
        JsonNode document = document(gateway);
        assertThat(document.get("openapi").asString()).startsWith("3.1");

        Set<String> described = new TreeSet<>();
        calls(document).forEach(call -> described.add(call.name));
        assertThat(described).isEqualTo(gateway.calls()).containsAll(CALLS);
    }

    @Test
    void everyCallTellsItsParametersItsAnswersAndWhatItIsRefusedFor(RunningGateway gateway) {
        for (Call call : calls(document(gateway))) {
            assertThat(call.operation.get("summary").asString()).as(call.name).isNotBlank();
            long variables = call.name.chars().filter(c -> c == '{').count();
            assertThat(parameters(call, "path")).as(call.name).hasSize((int) variables);
            JsonNode responses = call.operation.get("responses");
            assertThat(responses.has("401")).as(call.name).isTrue();
            assertThat(responses.has("403")).as(call.name).isTrue();
            assertThat(responses.propertyNames())
                    .as(call.name)
                    .anyMatch(status -> status.startsWith("2"))
                    .contains("default");
        }
    }

    private static List<JsonNode> parameters(Call call, String in) {
        List<JsonNode> found = new ArrayList<>();
        JsonNode parameters = call.operation.get("parameters");
        if (parameters != null) {
            parameters.forEach(one -> {
                if (one.get("in").asString().equals(in)) {
                    found.add(one);
                }
            });
        }
        return found;
    }

    @Test
    void everyBodyHasASchemaAndAnExampleThatConforms(RunningGateway gateway) {
        JsonNode document = document(gateway);
        Conformance conformance = new Conformance(document);
        int seen = 0;
        for (Call call : calls(document)) {
            List<JsonNode> contents = new ArrayList<>();
            for (JsonNode response : call.operation.get("responses")) {
                if (response.has("content")) {
                    contents.add(response.get("content"));
                }
            }
            if (call.operation.has("requestBody")) {
                contents.add(call.operation.get("requestBody").get("content"));
            }
            for (JsonNode content : contents) {
                for (Map.Entry<String, JsonNode> media : content.properties()) {
                    List<JsonNode> examples = examples(media.getValue());
                    assertThat(examples).as("%s %s", call.name, media.getKey()).isNotEmpty();
                    for (JsonNode example : examples) {
                        assertThat(conformance.faults(media.getValue().get("schema"), example))
                                .as("%s %s", call.name, media.getKey())
                                .isEmpty();
                        seen++;
                    }
                }
            }
        }
        assertThat(seen).isGreaterThan(100);
    }

    private static List<JsonNode> examples(JsonNode media) {
        List<JsonNode> examples = new ArrayList<>();
        if (media.has("example")) {
            examples.add(media.get("example"));
        }
        if (media.has("examples")) {
            media.get("examples").forEach(one -> examples.add(one.get("value")));
        }
        return examples;
    }

    /** A call that is sent an unknown key tells those that it knows: these must be those that are described. */
    @ParameterizedTest
    @CsvSource({
        "POST, /api/v1/databases, /api/v1/databases",
        "PATCH, /api/v1/databases/{name}, /api/v1/databases/{}",
        "POST, /api/v1/databases/{name}/sandboxes, /api/v1/databases/{}/sandboxes",
        "PATCH, /api/v1/sandboxes/{sandbox}, /api/v1/sandboxes/{}",
        "POST, /api/v1/tokens, /api/v1/tokens",
    })
    void whatIsDescribedOfABodyIsWhatIsRead(String method, String path, String described, RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String filled = path.replace("{name}", database.name()).replace("{sandbox}", database.sandbox());
        Answer refused = gateway.admin(method, filled, "{\"no-such-key\": 1, \"role\": \"host\"}", "If-Match", "\"1\"");
        String detail = "";
        for (JsonNode error : refused.json().get("errors")) {
            if (error.get("pointer").asString().equals("/no-such-key")) {
                detail = error.get("detail").asString();
            }
        }
        JsonNode schema = calls(document(gateway)).stream()
                .filter(call -> call.name.equals(method + " " + described))
                .findFirst()
                .orElseThrow()
                .operation
                .get("requestBody")
                .get("content")
                .get("application/json")
                .get("schema");

        String known = detail.substring(detail.indexOf("known are ") + "known are ".length());
        assertThat(schema.get("properties").propertyNames())
                .containsExactlyInAnyOrderElementsOf(Arrays.asList(known.split(", ", -1)));
    }

    /** The intake has no signature to be described by. Each answer here is held against its description as it comes. */
    @Test
    void theIntakesAnswersAreAsDescribed(RunningGateway gateway) {
        Registered database = Registered.in(gateway, "\"quota\": {\"burst\": 2, \"eventsPerSecond\": 1}");
        String path = "/api/v1/sandboxes/" + database.sandbox() + "/batches";
        String elsewhere = "/api/v1/sandboxes/00000000-0000-0000-0000-00000000dead/batches";
        String host = database.hostToken();
        List<String> codes = List.of(
                code(gateway.call(host, "POST", path, events(2, "unregister"), "Idempotency-Key", "a")),
                code(gateway.call(host, "POST", path, events(2, "unregister"), "Idempotency-Key", "a")),
                code(gateway.call(host, "POST", path, events(1, "unregister"), "Idempotency-Key", "a")),
                code(gateway.call(host, "POST", path, events(2, "unregister"), "Idempotency-Key", "b")),
                code(gateway.call(host, "POST", path, events(3, "unregister"), "Idempotency-Key", "c")),
                code(gateway.call(host, "POST", path, events(1, "reboot"), "Idempotency-Key", "d")),
                code(gateway.call(host, "POST", path, "{", "Idempotency-Key", "d")),
                code(gateway.call(host, "POST", path, "{}")),
                code(gateway.call(host, "POST", path, "{}", "Idempotency-Key", "k k")),
                code(gateway.call(host, "POST", path, "{}", "Idempotency-Key", "d", "Content-Type", "text/plain")),
                code(gateway.call(host, "POST", path, "{}", "Idempotency-Key", "d", "Content-Encoding", "br")),
                code(gateway.call(host, "POST", elsewhere, "{}", "Idempotency-Key", "d")),
                code(gateway.call(host, "POST", "/api/v1/sandboxes/x/batches", "{}", "Idempotency-Key", "d")),
                code(gateway.call(host, "GET", path, null)),
                code(gateway.call("nobody", "POST", path, "{}")));

        assertThat(codes)
                .containsExactly(
                        "202",
                        "200",
                        "key-reused",
                        "quota-exceeded",
                        "batch-exceeds-quota",
                        "malformed-body",
                        "malformed-body",
                        "missing-idempotency-key",
                        "invalid-idempotency-key",
                        "unsupported-media-type",
                        "unsupported-media-type",
                        "sandbox-unknown",
                        "invalid-sandbox-id",
                        "method-not-allowed",
                        "unauthenticated");
    }

    private static String code(Answer answer) {
        return answer.status() < 300 ? Integer.toString(answer.status()) : answer.text("code");
    }

    private static String events(int count, String kind) {
        StringBuilder events = new StringBuilder();
        for (int i = 1; i <= count; i++) {
            events.append(i == 1 ? "" : ", ")
                    .append("{\"seq\": %d, \"kind\": \"%s\", \"time\": \"2026-11-22T09:31:00Z\"}".formatted(i, kind));
        }
        return "{\"events\": [" + events + "]}";
    }
}
