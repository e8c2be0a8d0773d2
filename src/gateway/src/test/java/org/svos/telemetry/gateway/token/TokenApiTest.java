package org.svos.telemetry.gateway.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.SharedGateway;
import tools.jackson.databind.JsonNode;

@ExtendWith(SharedGateway.class)
class TokenApiTest {

    private static final String PATH = "/api/v1/tokens";

    @Test
    void aSecretIsShownOnce(RunningGateway gateway) {
        Registered database = Registered.in(gateway);

        Answer made = gateway.admin(
                "POST",
                PATH,
                "{\"role\": \"reader\", \"name\": \"dash\", \"database\": \"%s\"}".formatted(database.name()));

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("Location")).isEqualTo(PATH + "/" + made.text("id"));
        assertThat(made.header("Cache-Control")).contains("no-store");
        assertThat(made.text("secret")).matches("kt_[A-Za-z0-9_-]{43}");
        JsonNode listed = find(gateway, RunningGateway.ADMIN, made.text("id"));
        assertThat(listed.propertyNames())
                .containsExactly("id", "role", "name", "database", "createdAt", "expiresAt", "lastUsedAt");
        assertThat(listed.get("database").asString()).isEqualTo(database.name());
        assertThat(listed.get("lastUsedAt").isNull()).isTrue();
    }

    @Test
    void itsLastUseIsSeen(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        Answer made = gateway.admin(
                "POST",
                PATH,
                "{\"role\": \"reader\", \"name\": \"dash\", \"database\": \"%s\"}".formatted(database.name()));
        Instant before = Instant.now().minusSeconds(1);

        gateway.call(made.text("secret"), "GET", database.path(), null);

        JsonNode listed = find(gateway, RunningGateway.ADMIN, made.text("id"));
        assertThat(Instant.parse(listed.get("lastUsedAt").asString())).isBetween(before, Instant.now());
    }

    @Test
    void aRevokedTokenIsUnknownAtOnce(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        Answer made = gateway.admin(
                "POST",
                PATH,
                "{\"role\": \"host\", \"name\": \"h\", \"databases\": [\"%s\"]}".formatted(database.name()));
        String sandbox = database.sandbox();
        assertThat(database.post(made.text("secret"), sandbox, "1", 1).status()).isEqualTo(202);

        assertThat(gateway.admin("DELETE", PATH + "/" + made.text("id"), null).status())
                .isEqualTo(204);

        Answer refused = database.post(made.text("secret"), sandbox, "2", 1);
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.header("WWW-Authenticate")).startsWith("Bearer");
        assertThat(gateway.admin("DELETE", PATH + "/" + made.text("id"), null).status())
                .isEqualTo(404);
    }

    @Test
    void anExpiredTokenIsUnknown(RunningGateway gateway) throws InterruptedException {
        Registered database = Registered.in(gateway);
        Instant expiry = Instant.now().plusMillis(1_500);
        Answer made = gateway.admin(
                "POST",
                PATH,
                "{\"role\": \"reader\", \"name\": \"r\", \"database\": \"%s\", \"expiresAt\": \"%s\"}"
                        .formatted(database.name(), expiry));
        assertThat(gateway.call(made.text("secret"), "GET", database.path(), null)
                        .status())
                .isEqualTo(200);

        Thread.sleep(Math.max(0, expiry.toEpochMilli() - System.currentTimeMillis()) + 1);

        assertThat(gateway.call(made.text("secret"), "GET", database.path(), null)
                        .status())
                .isEqualTo(401);
    }

    /** {db} is a database, {sandbox} one of its sandboxes. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                                            | /role /name
            {"role": "root", "name": "t"}                                                 | /role
            {"role": "admin", "name": ""}                                                 | /name
            {"role": "admin", "name": "t", "database": "{db}"}                            | /database
            {"role": "owner", "name": "t"}                                                | /database
            {"role": "owner", "name": "t", "database": "no-such"}                         | /database
            {"role": "reader", "name": "t", "databases": ["{db}"]}                        | /databases /database
            {"role": "host", "name": "t"}                                                 | /databases
            {"role": "host", "name": "t", "databases": []}                                | /databases
            {"role": "host", "name": "t", "databases": "{db}"}                            | /databases
            {"role": "host", "name": "t", "databases": ["{db}", "no-such", 7]}            | /databases/2 /databases/1 /databases/2
            {"role": "host", "name": "t", "databases": ["*", "{db}"]}                     | /databases/0
            {"role": "host", "name": "t", "sandboxes": ["x"]}                             | /sandboxes/0
            {"role": "host", "name": "t", "sandboxes": ["00000000-0000-0000-0000-00000000dead"]} | /sandboxes/0
            {"role": "host", "name": "t", "sandboxes": ["{sandbox}"], "databases": ["*"]} | /sandboxes
            {"role": "host", "name": "t", "database": "{db}"}                             | /database /databases
            {"role": "admin", "name": "t", "expiresAt": "tomorrow"}                       | /expiresAt
            {"role": "admin", "name": "t", "expiresAt": "2020-01-01T00:00:00Z"}           | /expiresAt
            {"role": "admin", "name": "t", "secret": "mine"}                              | /secret
            """)
    void faultsAreToldByTheirPointers(String body, String pointers, RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String filled = body.replace("{db}", database.name()).replace("{sandbox}", database.sandbox());

        Answer answer = gateway.admin("POST", PATH, filled);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("code")).isEqualTo("invalid-request");
        List<String> told = new ArrayList<>();
        answer.json()
                .get("errors")
                .forEach(error -> told.add(error.get("pointer").asString()));
        assertThat(String.join(" ", told)).isEqualTo(pointers);
    }

    @Test
    void anOwnerSeesAndRevokesTheTokensOfItsDatabaseAlone(RunningGateway gateway) {
        Registered own = Registered.in(gateway);
        Registered other = Registered.in(gateway);
        String owner = own.token("owner");
        other.token("reader");
        other.hostToken();
        own.hostToken();
        String both = gateway.admin(
                        "POST",
                        PATH,
                        "{\"role\": \"host\", \"name\": \"both\", \"databases\": [\"%s\", \"%s\"]}"
                                .formatted(own.name(), other.name()))
                .text("id");
        gateway.admin("POST", PATH, "{\"role\": \"host\", \"name\": \"all\", \"databases\": [\"*\"]}");

        JsonNode items = gateway.call(owner, "GET", PATH, null).json().get("items");

        List<String> names = new ArrayList<>();
        items.forEach(item -> names.add(item.get("name").asString()));
        assertThat(names).containsExactlyInAnyOrder("owner of " + own.name(), "host of " + own.name());
        assertThat(gateway.call(owner, "DELETE", PATH + "/" + both, null).status())
                .isEqualTo(404);
        assertThat(gateway.call(
                                owner,
                                "DELETE",
                                PATH + "/" + items.get(0).get("id").asString(),
                                null)
                        .text("code"))
                .as("not even its own: that is an administrator's")
                .isEqualTo("not-allowed");
    }

    @Test
    void aHostMayPostForItsScopeAlone(RunningGateway gateway) {
        Registered own = Registered.in(gateway);
        Registered other = Registered.in(gateway);
        String sandbox = own.sandbox();
        String second = own.sandbox();
        String elsewhere = other.sandbox();
        String one = make(gateway, "\"sandboxes\": [\"%s\"]".formatted(sandbox));
        String both = make(gateway, "\"databases\": [\"%s\", \"%s\"]".formatted(own.name(), other.name()));
        String all = make(gateway, "\"databases\": [\"*\"]");

        assertThat(own.post(one, sandbox, "1", 1).status()).isEqualTo(202);
        assertThat(own.post(one, second, "1", 1).text("code")).isEqualTo("not-allowed");
        assertThat(own.post(both, second, "2", 1).status()).isEqualTo(202);
        assertThat(other.post(both, elsewhere, "2", 1).status()).isEqualTo(202);
        assertThat(other.post(all, elsewhere, "3", 1).status()).isEqualTo(202);
        assertThat(own.post(own.hostToken(), elsewhere, "4", 1).text("code")).isEqualTo("not-allowed");
        assertThat(own.post(RunningGateway.ADMIN, sandbox, "5", 1).text("code"))
                .as("an administrator posts no batches")
                .isEqualTo("not-allowed");
    }

    @Test
    void aTokenForTwoDatabasesOutlivesOne(RunningGateway gateway) {
        Registered first = Registered.in(gateway);
        Registered second = Registered.in(gateway);
        String token = make(gateway, "\"databases\": [\"%s\", \"%s\"]".formatted(first.name(), second.name()));
        String sandbox = second.sandbox();

        gateway.admin("DELETE", first.path(), null);
        assertThat(second.post(token, sandbox, "1", 1).status()).isEqualTo(202);

        gateway.admin("DELETE", second.path() + "?discard=true", null);
        assertThat(second.post(token, sandbox, "2", 1).status()).isEqualTo(401);
    }

    @Test
    void changesLeaveATrailWithoutSecrets(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String owner = database.token("owner");
        Answer made = gateway.call(
                owner,
                "POST",
                PATH,
                "{\"role\": \"host\", \"name\": \"lab\", \"databases\": [\"%s\"]}".formatted(database.name()));

        Answer trail = gateway.admin("GET", "/api/v1/audit?limit=1", null);

        JsonNode newest = trail.json().get("items").get(0);
        assertThat(newest.get("actor").asString()).isEqualTo("owner of " + database.name());
        assertThat(newest.get("action").asString()).isEqualTo("token.make");
        assertThat(newest.get("target").asString()).isEqualTo(made.text("id") + " (lab)");
        assertThat(gateway.admin("GET", "/api/v1/audit?limit=500", null).body())
                .doesNotContain(made.text("secret"))
                .doesNotContain(owner);
    }

    private static String make(RunningGateway gateway, String scope) {
        return gateway.admin("POST", PATH, "{\"role\": \"host\", \"name\": \"h\", " + scope + "}")
                .text("secret");
    }

    private static JsonNode find(RunningGateway gateway, String token, String id) {
        String next = "";
        while (next != null) {
            JsonNode page = gateway.call(token, "GET", PATH + "?limit=500&after=" + next, null)
                    .json();
            for (JsonNode item : page.get("items")) {
                if (item.get("id").asString().equals(id)) {
                    return item;
                }
            }
            next = page.get("next").isNull() ? null : page.get("next").asString();
        }
        throw new AssertionError("no token " + id);
    }
}
