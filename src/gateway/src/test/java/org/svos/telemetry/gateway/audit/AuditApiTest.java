package org.svos.telemetry.gateway.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.SharedGateway;
import tools.jackson.databind.JsonNode;

/** The audit trail over HTTP: each change once, with who made it; nothing else. */
@ExtendWith(SharedGateway.class)
class AuditApiTest {

    private static final String DATABASES = "/api/v1/databases";

    @Test
    void eachChangeIsThereOnceWithItsActorAndTargetAndWhatWasRefusedIsNot(RunningGateway gateway) {
        String actor = "auditor-" + UUID.randomUUID();
        String token = gateway.admin("POST", "/api/v1/tokens", "{\"role\": \"admin\", \"name\": \"" + actor + "\"}")
                .text("secret");
        String name = "a" + UUID.randomUUID();
        call(gateway, 201, token, "POST", DATABASES, "{\"name\": \"" + name + "\", \"owner\": \"lab\"}");
        call(gateway, 409, token, "POST", DATABASES, "{\"name\": \"" + name + "\", \"owner\": \"lab\"}");
        call(gateway, 200, token, "PATCH", DATABASES + "/" + name, "{\"description\": \"d\"}");
        call(gateway, 412, token, "PATCH", DATABASES + "/" + name, "{\"description\": \"e\"}");
        String sandbox = call(gateway, 201, token, "POST", DATABASES + "/" + name + "/sandboxes", "{}")
                .text("id");
        call(gateway, 200, token, "PATCH", "/api/v1/sandboxes/" + sandbox, "{\"state\": \"suspended\"}");
        call(gateway, 200, token, "PATCH", "/api/v1/sandboxes/" + sandbox, "{\"state\": \"suspended\"}");
        String host = "{\"role\": \"host\", \"name\": \"h\", \"sandboxes\": [\"" + sandbox + "\"]}";
        String made = call(gateway, 201, token, "POST", "/api/v1/tokens", host).text("id");
        call(gateway, 204, token, "DELETE", "/api/v1/tokens/" + made, null);
        call(gateway, 204, token, "DELETE", "/api/v1/sandboxes/" + sandbox, null);
        call(gateway, 204, token, "DELETE", DATABASES + "/" + name, null);

        Registered other = Registered.in(gateway);
        String letter = other.path() + "/dead-letters/" + other.deadLetter(other.sandbox());
        call(gateway, 202, token, "POST", letter + "/replay", null);
        call(gateway, 202, token, "POST", other.path() + "/dead-letters/replay", null);
        call(gateway, 204, token, "DELETE", letter, null);

        List<JsonNode> entries = entriesOf(gateway, actor);
        assertThat(entries)
                .extracting(entry -> entry.get("action").asString())
                .startsWith(
                        "database.register",
                        "database.change",
                        "sandbox.register",
                        "sandbox.change",
                        "token.make",
                        "token.revoke",
                        "sandbox.remove",
                        "database.remove",
                        "dead-letter.replay")
                .endsWith("dead-letter.discard");
        assertThat(entries.get(1).get("target").asString()).isEqualTo(name);
        assertThat(entries.get(1).get("detail").asString()).contains("description", "d");
        assertThat(entries.get(3).get("target").asString()).isEqualTo(sandbox);
    }

    private static Answer call(
            RunningGateway gateway, int status, String token, String method, String path, @Nullable String body) {
        Answer answer = gateway.call(token, method, path, body, "If-Match", "\"1\"");
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        return answer;
    }

    /** The oldest first. */
    private static List<JsonNode> entriesOf(RunningGateway gateway, String actor) {
        List<JsonNode> entries = new ArrayList<>();
        for (JsonNode entry :
                gateway.admin("GET", "/api/v1/audit?limit=100", null).json().get("items")) {
            if (entry.get("actor").asString().equals(actor)) {
                entries.addFirst(entry);
            }
        }
        return entries;
    }
}
