package org.svos.telemetry.gateway.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.svos.telemetry.gateway.intake.IntakeServer.Tenant;
import org.svos.telemetry.gateway.intake.RawConnection.Answer;

/** What becomes of a connection after a refusal: it is kept, drained within a bound, or closed. */
class LastingConnectionTest {

    private static final int MIB = 1024 * 1024;
    private static final String EVENT = "{\"seq\":1,\"kind\":\"session_end\",\"time\":\"2026-11-22T09:31:00Z\"}";
    private static final String BODY = "{\"events\":[" + EVENT + "]}";

    @TempDir
    private static Path data;

    private static IntakeServer server;
    private static Tenant tenant;

    @BeforeAll
    static void start() throws Exception {
        server = IntakeServer.start(
                data,
                "telemetry.intake.concurrent-requests=1",
                "telemetry.connection.drain-timeout=1s",
                "server.tomcat.connection-timeout=1s");
        tenant = server.tenant();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Every row of the contract's table that needs no broken store, with a request that earns it. */
    static Stream<Arguments> refusals() throws Exception {
        String good = auth(tenant.token()) + key("k") + json();
        Tenant suspended = server.tenant();
        server.admin("PATCH", "/api/v1/sandboxes/" + suspended.sandbox(), "{\"state\": \"suspended\"}");
        Tenant off = server.tenant();
        server.admin("PATCH", "/api/v1/databases/" + off.database(), "{\"state\": \"suspended\"}");
        Tenant poor = server.tenant(1_000_000, 1, 1, "enforce");
        Tenant spent = server.tenant(BODY.length(), 100, 100, "enforce");
        try (RawConnection connection = new RawConnection(server)) {
            assertThat(connection.post(tenant, "taken", BODY)).isEqualTo(202);
            assertThat(connection.post(spent, "taken", BODY)).isEqualTo(202);
        }
        String id = tenant.sandbox();
        return Stream.of(
                refusal(400, "malformed-body", post(id, good, "{\"events\":[")),
                refusal(400, "malformed-body", post(id, good, "")),
                refusal(400, "malformed-body", post(id, good + "Content-Encoding: gzip\r\n", BODY)),
                refusal(400, "missing-idempotency-key", post(id, auth(tenant.token()) + json(), BODY)),
                refusal(400, "invalid-idempotency-key", post(id, auth(tenant.token()) + key("a b") + json(), BODY)),
                refusal(400, "invalid-sandbox-id", post("x", good, BODY)),
                refusal(401, "unauthenticated", post(id, key("k") + json(), BODY)),
                refusal(401, "unauthenticated", post(id, auth("wrong") + key("k") + json(), BODY)),
                refusal(403, "sandbox-unknown", post(UUID.randomUUID().toString(), good, BODY)),
                refusal(403, "sandbox-suspended", post(suspended.sandbox(), as(suspended), BODY)),
                refusal(403, "database-suspended", post(off.sandbox(), as(off), BODY)),
                refusal(403, "not-allowed", post(poor.sandbox(), good, BODY)),
                refusal(
                        404,
                        "not-found",
                        "GET /api/v1/nothing HTTP/1.1\r\nHost: h\r\n" + auth(tenant.token()) + "\r\n"),
                refusal(405, "method-not-allowed", post(id, good, BODY).replaceFirst("POST", "PUT")),
                refusal(413, "batch-too-large", post(id, good, " ".repeat(8 * MIB + 1))),
                refusal(413, "batch-too-large", post(id, good, "{\"events\":[" + "7,".repeat(10_000) + EVENT + "]}")),
                refusal(413, "batch-exceeds-quota", post(poor.sandbox(), as(poor), two())),
                refusal(415, "unsupported-media-type", post(id, auth(tenant.token()) + key("k"), BODY)),
                refusal(422, "key-reused", post(id, auth(tenant.token()) + key("taken") + json(), BODY + " ")),
                refusal(429, "quota-exceeded", post(spent.sandbox(), as(spent), BODY)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("refusals")
    void aConnectionSurvivesEveryRefusal(int status, String code, String request) throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(request);
            Answer refused = connection.answer();

            assertThat(refused.status()).as(refused.body()).isEqualTo(status);
            assertThat(refused.body()).contains("\"" + code + "\"");
            assertThat(refused.headers()).doesNotContainKey("connection");
            assertThat(connection.post(tenant, UUID.randomUUID().toString(), BODY))
                    .isEqualTo(202);
            connection.send(request);
            assertThat(connection.answer().status()).as("once more").isEqualTo(status);
        }
    }

    @Test
    void aConnectionSurvivesThatThereIsNoPlace() throws Exception {
        try (RawConnection slow = new RawConnection(server);
                RawConnection other = new RawConnection(server)) {
            slow.send(RawConnection.head(tenant, "slow", "Content-Length: " + BODY.length()) + "{");
            assertThat(slow.answerWithin(300)).isNull();
            for (int i = 0; i < 3; i++) {
                Answer refused = other.post(tenant, tenant.token(), "other", "application/json", BODY);
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.body()).contains("\"overloaded\"");
            }
            slow.send(BODY.substring(1));
            assertThat(slow.answer().status()).isEqualTo(202);
            assertThat(other.post(tenant, "other", BODY)).isEqualTo(202);
        }
    }

    @Test
    void requestsSentAtOnceAreAnsweredInTurnWhateverTheFirstCameTo() throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            String good = auth(tenant.token()) + key("at-once") + json();
            connection.send(post(tenant.sandbox(), good, "no JSON") + post(tenant.sandbox(), good, BODY));
            assertThat(connection.answer().status()).isEqualTo(400);
            assertThat(connection.answer().status()).isEqualTo(202);
        }
    }

    @Test
    void aRequestWithinTheBodyOfARefusedOneIsNeverHeard() throws IOException {
        String within = post(tenant.sandbox(), auth(tenant.token()) + key("smuggled") + json(), BODY);
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(post(tenant.sandbox(), auth("wrong") + key("k") + json(), within));
            assertThat(connection.answer().status()).isEqualTo(401);
            connection.send(post(tenant.sandbox(), auth(tenant.token()) + key("k") + json(), within));
            assertThat(connection.answer().status()).isEqualTo(400);
            assertThat(connection.post(tenant, "smuggled", BODY))
                    .as("the first of its key")
                    .isEqualTo(202);
        }
    }

    @Test
    void aRefusedBodyThatIsNotToldTheEndOfIsReadToItInChunks() throws IOException {
        String chunked = "7\r\n{\"a\":1}\r\n0\r\n\r\n";
        try (RawConnection connection = new RawConnection(server)) {
            for (String token : new String[] {"wrong", tenant.token()}) {
                connection.send("POST /api/v1/sandboxes/" + tenant.sandbox() + "/batches HTTP/1.1\r\nHost: h\r\n"
                        + auth(token) + key("k") + json() + "Transfer-Encoding: chunked\r\n\r\n" + chunked);
                assertThat(connection.answer().status()).isIn(400, 401);
            }
            assertThat(connection.post(tenant, "after-chunks", BODY)).isEqualTo(202);
        }
    }

    @Test
    void aRefusedBodyThatIsTooLongToDrainEndsTheConnection() throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(RawConnection.head(tenant, "k", "Content-Length: " + 17 * MIB) + "{");
            Answer refused = connection.answer();
            assertThat(refused.status()).isEqualTo(413);
            assertThat(refused.body()).contains("\"batch-too-large\"", "\"actual\" : " + 17 * MIB);
            assertThat(refused.headers()).containsEntry("connection", "close");
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void aRefusedBodyThatTricklesEndsTheConnectionInTime() throws Exception {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(post(tenant.sandbox(), auth("wrong"), "").replace("Length: 0", "Length: 1000"));
            assertThat(connection.answer().status()).isEqualTo(401);
            long begin = System.nanoTime();
            boolean closed = false;
            while (!closed && System.nanoTime() - begin < 15_000_000_000L) {
                try {
                    connection.send(" ");
                    Thread.sleep(100);
                } catch (IOException e) {
                    closed = true;
                }
            }
            assertThat(closed).isTrue();
            assertThat(System.nanoTime() - begin).isGreaterThan(800_000_000L);
        }
    }

    @Test
    void whoWaitsForPermissionIsRefusedWithoutIt() throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(post(tenant.sandbox(), auth("wrong") + "Expect: 100-continue\r\n", "")
                    .replace("Length: 0", "Length: 100"));
            Answer refused = connection.answer();
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.headers()).containsEntry("connection", "close");
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void aClientThatAsksForTheEndGetsIt() throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(post(tenant.sandbox(), as(tenant) + "Connection: close\r\n", "no JSON"));
            assertThat(connection.answer().headers()).containsEntry("connection", "close");
            assertThat(connection.isClosed()).isTrue();
        }
    }

    private static Arguments refusal(int status, String code, String request) {
        return Arguments.of(status, code, request);
    }

    private static String post(String sandbox, String headers, String body) {
        return "POST /api/v1/sandboxes/" + sandbox + "/batches HTTP/1.1\r\nHost: h\r\n" + headers + "Content-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static String as(Tenant tenant) {
        return auth(tenant.token()) + key("k") + json();
    }

    private static String auth(String token) {
        return "Authorization: Bearer " + token + "\r\n";
    }

    private static String key(String key) {
        return "Idempotency-Key: " + key + "\r\n";
    }

    private static String json() {
        return "Content-Type: application/json\r\n";
    }

    private static String two() {
        return "{\"events\":[" + EVENT + "," + EVENT + "]}";
    }
}
