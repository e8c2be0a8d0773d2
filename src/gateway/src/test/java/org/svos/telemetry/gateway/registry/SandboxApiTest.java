package org.svos.telemetry.gateway.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.SharedGateway;
import tools.jackson.databind.JsonNode;

@ExtendWith(SharedGateway.class)
class SandboxApiTest {

    @Test
    void aSandboxOfLanternRockIsTakenInEitherCase(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String id = UUID.randomUUID().toString();

        Answer made = register(gateway, database, id.toUpperCase(Locale.ROOT));
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("Location")).isEqualTo("/api/v1/sandboxes/" + id);
        assertThat(made.json().propertyNames()).containsExactly("id", "database", "state", "createdAt", "changedAt");
        assertThat(made.text("id")).isEqualTo(id);
        assertThat(made.text("database")).isEqualTo(database.name());

        Answer again = register(gateway, database, id);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json()).isEqualTo(made.json());
    }

    @Test
    void theSeedsSandboxOfNoVersionIsTaken(RunningGateway gateway) {
        Registered database = Registered.in(gateway);

        assertThat(register(gateway, database, "00000000-1111-2222-3333-444444444444")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void withoutAnIdOneIsMade(RunningGateway gateway) {
        Registered database = Registered.in(gateway);

        Answer withBody = gateway.admin("POST", database.path() + "/sandboxes", "{}");
        Answer withoutBody = gateway.admin("POST", database.path() + "/sandboxes", null);

        assertThat(withBody.status()).isEqualTo(201);
        assertThat(withoutBody.status()).isEqualTo(201);
        assertThat(UUID.fromString(withoutBody.text("id"))).isNotEqualTo(UUID.fromString(withBody.text("id")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"x\"", "7", "null", "\"\"", "\"00000000-1111-2222-3333-44444444444g\""})
    void whatIsNoIdIsRefused(String id, RunningGateway gateway) {
        Answer answer = gateway.admin("POST", Registered.in(gateway).path() + "/sandboxes", "{\"id\": " + id + "}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").get(0).get("pointer").asString()).isEqualTo("/id");
    }

    @Test
    void aSandboxBelongsToOneDatabase(RunningGateway gateway) {
        Registered first = Registered.in(gateway);
        Registered second = Registered.in(gateway);
        String id = first.sandbox();

        Answer byAdmin = register(gateway, second, id);
        assertThat(byAdmin.status()).isEqualTo(409);
        assertThat(byAdmin.text("code")).isEqualTo("belongs-elsewhere");
        assertThat(byAdmin.text("detail")).contains(first.name());

        Answer byOwner = gateway.call(
                second.token("owner"), "POST", second.path() + "/sandboxes", "{\"id\": \"%s\"}".formatted(id));
        assertThat(byOwner.status()).isEqualTo(409);
        assertThat(byOwner.body()).doesNotContain(first.name());
    }

    @Test
    void aRemovedSandboxMayBeRegisteredAnywhere(RunningGateway gateway) {
        Registered first = Registered.in(gateway);
        Registered second = Registered.in(gateway);
        String id = first.sandbox();
        String ownToken = token(gateway, first.token("owner"), id);

        assertThat(gateway.admin("DELETE", "/api/v1/sandboxes/" + id, null).status())
                .isEqualTo(204);
        assertThat(gateway.admin("DELETE", "/api/v1/sandboxes/" + id, null).status())
                .isEqualTo(404);
        assertThat(first.post(first.hostToken(), id, "1", 1).text("code")).isEqualTo("sandbox-unknown");

        assertThat(register(gateway, second, id).status()).isEqualTo(201);
        assertThat(second.post(second.hostToken(), id, "1", 1).status()).isEqualTo(202);
        assertThat(second.post(first.hostToken(), id, "2", 1).text("code")).isEqualTo("not-allowed");
        assertThat(second.post(ownToken, id, "3", 1).status())
                .as("a token for it in the first database is none for it in the second")
                .isEqualTo(401);
    }

    @Test
    void waitingEventsKeepASandbox(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String id = database.sandbox();
        String idle = database.sandbox();
        database.post(database.hostToken(), id, "1", 1);

        Answer kept = gateway.admin("DELETE", "/api/v1/sandboxes/" + id, null);

        assertThat(kept.status()).isEqualTo(409);
        assertThat(kept.text("code")).isEqualTo("events-waiting");
        assertThat(gateway.admin("DELETE", "/api/v1/sandboxes/" + idle, null).status())
                .as("another's events do not")
                .isEqualTo(204);
    }

    @Test
    void aSuspendedSandboxTakesNothingAtOnce(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String id = database.sandbox();
        String token = database.hostToken();
        String path = "/api/v1/sandboxes/" + id;

        Answer suspended = gateway.admin("PATCH", path, "{\"state\": \"suspended\"}");
        assertThat(suspended.status()).isEqualTo(200);
        assertThat(suspended.text("state")).isEqualTo("suspended");
        assertThat(database.post(token, id, "1", 1).text("code")).isEqualTo("sandbox-suspended");

        assertThat(gateway.admin(
                                "PATCH",
                                path,
                                "{\"state\": \"active\"}",
                                "Content-Type",
                                "application/merge-patch+json")
                        .status())
                .isEqualTo(200);
        assertThat(database.post(token, id, "1", 1).status()).isEqualTo(202);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"state\": \"gone\"}", "{\"state\": null}", "{\"state\": true}"})
    void aStateThatIsNoneIsRefused(String body, RunningGateway gateway) {
        Answer answer = gateway.admin(
                "PATCH", "/api/v1/sandboxes/" + Registered.in(gateway).sandbox(), body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").get(0).get("pointer").asString()).isEqualTo("/state");
    }

    @Test
    void aPathThatHoldsNoIdIsToldSo(RunningGateway gateway) {
        assertThat(gateway.admin("DELETE", "/api/v1/sandboxes/x", null).text("code"))
                .isEqualTo("invalid-sandbox-id");
    }

    @Test
    void aDatabasesSandboxesComeInPages(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.add(database.sandbox());
        }
        Registered.in(gateway).sandbox();
        List<String> seen = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonNode page = gateway.admin("GET", database.path() + "/sandboxes?limit=2&after=" + next, null)
                    .json();
            page.get("items").forEach(item -> seen.add(item.get("id").asString()));
            next = page.get("next").isNull() ? null : page.get("next").asString();
        }

        assertThat(seen).isSorted().containsExactlyInAnyOrderElementsOf(made);
    }

    private static Answer register(RunningGateway gateway, Registered database, String id) {
        return gateway.admin("POST", database.path() + "/sandboxes", "{\"id\": \"%s\"}".formatted(id));
    }

    private static String token(RunningGateway gateway, String owner, String sandbox) {
        return gateway.call(
                        owner,
                        "POST",
                        "/api/v1/tokens",
                        "{\"role\": \"host\", \"name\": \"one\", \"sandboxes\": [\"%s\"]}".formatted(sandbox))
                .text("secret");
    }
}
