package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What the gateway turns away, and that nothing of it ever reaches Lantern Rock. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusalIT {

    private final LanternRockStandIn lanternRock;
    private final Gateway gateway;

    RefusalIT(@TempDir Path folder) {
        lanternRock = new LanternRockStandIn(folder);
        gateway = new Gateway(folder, lanternRock);
    }

    @BeforeAll
    void aBatchThatIsNotRefusedArrives() {
        Registered control = gateway.register("control");
        assertThat(control.post(Registered.messages(1, 2)).status()).isEqualTo(202);
        Eventually.within(
                Duration.ofSeconds(20),
                () -> assertThat(lanternRock.records("control")).hasSize(2));
    }

    @AfterAll
    void stop() {
        gateway.close();
        lanternRock.close();
    }

    @Test
    void anUnknownSandboxGets403() {
        Registered database = gateway.register("unknown-sandbox");

        Http.Answer answer = Http.post(
                gateway.url() + "/api/v1/sandboxes/00000000-0000-0000-0000-00000000dead/batches",
                Registered.headers(database.secret(), "k"),
                Registered.messages(1, 1));

        assertProblem(answer, 403, "sandbox-unknown");
        assertNothingArrived("unknown-sandbox");
    }

    @Test
    void aSuspendedSandboxGets403UntilItIsActiveAgain() {
        Registered database = gateway.register("suspended-sandbox");
        setSandboxState(database, "suspended");

        assertProblem(database.post(Registered.messages(1, 1)), 403, "sandbox-suspended");
        assertNothingArrived("suspended-sandbox");

        setSandboxState(database, "active");
        assertThat(database.post(Registered.messages(1, 1)).status()).isEqualTo(202);
    }

    @Test
    void aSuspendedDatabaseGets403() {
        Registered database = gateway.register("suspended-database");
        Http.Answer before = gateway.admin("GET", "/api/v1/databases/suspended-database", "");
        Http.Answer patched = gateway.admin(
                "PATCH",
                "/api/v1/databases/suspended-database",
                Map.of("If-Match", String.valueOf(before.headers().get("ETag"))),
                "{\"state\": \"suspended\"}");
        assertThat(patched.status()).as(patched.body()).isEqualTo(200);

        assertProblem(database.post(Registered.messages(1, 1)), 403, "database-suspended");
        assertNothingArrived("suspended-database");
    }

    @Test
    void aTokenThatIsUnknownOrRevokedOrMissingGets401() {
        Registered database = gateway.register("bad-token");
        String body = Registered.messages(1, 1);

        Http.Answer unknown = Http.post(database.url(), Registered.headers("kt_no-such-token", "k"), body);
        assertProblem(unknown, 401, "unauthenticated");
        assertThat(unknown.headers()).containsKey("WWW-Authenticate");

        Http.Answer missing =
                Http.post(database.url(), Map.of("Content-Type", "application/json", "Idempotency-Key", "\"k\""), body);
        assertProblem(missing, 401, "unauthenticated");

        revokeTokenNamed("bad-token");
        assertProblem(database.post(body), 401, "unauthenticated");
        assertNothingArrived("bad-token");
    }

    @Test
    void aTokenOfAnotherDatabaseGets403() {
        Registered one = gateway.register("one");
        Registered other = gateway.register("other");

        assertProblem(
                Http.post(one.url(), Registered.headers(other.secret(), "k"), Registered.messages(1, 1)),
                403,
                "not-allowed");
        assertNothingArrived("one");
    }

    @Test
    void aBatchOverTheRateGets429AndConsumesNothing() {
        Registered database = gateway.register(
                "over-rate", "\"quota\": {\"bytesPerDay\": 1048576, \"eventsPerSecond\": 1, \"burst\": 10}");
        assertThat(database.post(Registered.messages(1, 8)).status()).isEqualTo(202);

        Http.Answer refused = database.post(Registered.messages(9, 8));

        assertProblem(refused, 429, "quota-exceeded");
        assertThat(refused.json().path("violated-policies").valueStream().map(JsonNode::asString))
                .containsExactly("rate");
        assertThat(Integer.parseInt(String.valueOf(refused.headers().get("Retry-After"))))
                .isPositive();
        assertThat(refused.headers().get("RateLimit-Policy")).contains("\"rate\";q=10;w=10");
        assertThat(database.post(Registered.messages(9, 2)).status()).isEqualTo(202);
    }

    @Test
    void aBatchOverTheDayGets429AndOneThatNoDayCouldHoldGets413() {
        String body = Registered.messages(1, 5);
        Registered database = gateway.register(
                "over-day",
                "\"quota\": {\"bytesPerDay\": %d, \"eventsPerSecond\": 1000, \"burst\": 1000}"
                        .formatted(body.length() + 10));
        assertThat(database.post(body).status()).isEqualTo(202);

        Http.Answer refused = database.post(body);
        assertProblem(refused, 429, "quota-exceeded");
        assertThat(refused.json().path("violated-policies").valueStream().map(JsonNode::asString))
                .containsExactly("day");
        assertThat(refused.json().path("used").asLong()).isEqualTo(body.length());

        Http.Answer impossible = database.post(Registered.messages(1, 10));
        assertProblem(impossible, 413, "batch-exceeds-quota");
        assertLedgerIsBalanced("over-day", 5);
    }

    @Test
    void aMalformedBodyGets400ThatSaysWhere() {
        Registered database = gateway.register("malformed");

        Http.Answer broken = database.post("{\"events\": [\n  {\"seq\": 1, ");
        assertProblem(broken, 400, "malformed-body");
        assertThat(broken.json().path("line").asInt()).isEqualTo(2);

        assertProblem(database.post("{\"events\": []}"), 400, "malformed-body");
        assertProblem(database.post("[]"), 400, "malformed-body");
        assertNothingArrived("malformed");
    }

    @Test
    void aRepeatedBatchGetsTheFirstAnswerAndArrivesOnce() {
        Registered database = gateway.register("repeated");
        String body = Registered.messages(1, 3);

        assertThat(database.post("same", body).status()).isEqualTo(202);
        Http.Answer again = database.post("same", body);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.headers()).containsEntry("Idempotency-Replayed", "true");
        assertProblem(database.post("same", Registered.messages(1, 4)), 422, "key-reused");
        Eventually.within(
                Duration.ofSeconds(20),
                () -> assertThat(gateway.ledger("repeated").path("delivered").asLong())
                        .isEqualTo(3));
        assertThat(lanternRock.records("repeated")).hasSize(3);
        assertLedgerIsBalanced("repeated", 3);
    }

    private void setSandboxState(Registered database, String state) {
        Http.Answer answer =
                gateway.admin("PATCH", "/api/v1/sandboxes/" + database.sandbox(), "{\"state\": \"" + state + "\"}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private void revokeTokenNamed(String name) {
        String id = gateway.admin("GET", "/api/v1/tokens?limit=500", "")
                .json()
                .path("items")
                .valueStream()
                .filter(token -> token.path("name").asString("").equals(name))
                .findFirst()
                .orElseThrow()
                .path("id")
                .asString();
        assertThat(gateway.admin("DELETE", "/api/v1/tokens/" + id, "").status()).isEqualTo(204);
    }

    private static void assertProblem(Http.Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().get("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.json().path("type").asString()).endsWith(code);
        assertThat(answer.json().path("detail").asString()).isNotBlank();
    }

    private void assertNothingArrived(String database) {
        assertLedgerIsBalanced(database, 0);
        assertThat(lanternRock.records(database)).isEmpty();
    }

    private void assertLedgerIsBalanced(String database, long accepted) {
        JsonNode ledger = gateway.ledger(database);
        assertThat(ledger.path("accepted").asLong()).as(ledger.toString()).isEqualTo(accepted);
        assertThat(ledger.path("imbalance").asLong()).as(ledger.toString()).isZero();
    }
}
