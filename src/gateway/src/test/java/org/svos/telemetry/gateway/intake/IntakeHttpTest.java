package org.svos.telemetry.gateway.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.gateway.intake.IntakeServer.Reply;
import org.svos.telemetry.gateway.intake.IntakeServer.Tenant;
import tools.jackson.databind.JsonNode;

/** Each row of the contract's table, over a real port and with the real store. */
class IntakeHttpTest {

    private static final String EVENT = "{\"seq\":1,\"kind\":\"session_end\",\"time\":\"2026-11-22T09:31:00Z\"}";
    private static final String BODY = "{\"events\":[" + EVENT + "]}";

    @TempDir
    private static Path data;

    private static IntakeServer server;

    @BeforeAll
    static void start() {
        server = IntakeServer.start(data);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aBatchIsAcceptedAndItsRejectedEventsAreListed() throws Exception {
        Tenant tenant = server.tenant(10_485_760, 1_000, 10_000, "enforce");

        Reply reply = post(tenant, "k-1", "{\"events\":[" + EVENT + ",{\"seq\":2,\"kind\":\"reboot\"}," + EVENT + "]}");

        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.json().get("batch").asString()).isEqualTo("k-1");
        assertThat(reply.json().get("accepted").asInt()).isEqualTo(2);
        JsonNode rejected = reply.json().get("rejected");
        assertThat(rejected).hasSize(1);
        assertThat(rejected.get(0).get("index").asInt()).isEqualTo(1);
        assertThat(rejected.get(0).get("code").asString()).isEqualTo("unknown-kind");
        assertThat(rejected.get(0).get("detail").asString()).isNotBlank();
        assertThat(reply.header("RateLimit-Policy"))
                .isEqualTo("\"day\";q=10485760;w=86400;qu=\"content-bytes\", \"rate\";q=10000;w=10;qu=\"events\"");
        assertThat(reply.rateLimit())
                .containsEntry("rate.r", 9_998L)
                .containsEntry("rate.t", 1L)
                .hasEntrySatisfying("day.r", left -> assertThat(left).isLessThan(10_485_760))
                .hasEntrySatisfying("day.t", seconds -> assertThat(seconds).isBetween(0L, 86_400L));
    }

    @Test
    void theSameBodyUnderTheSameKeyIsReplayedWhateverItsEncodingAndCostsNothing() throws Exception {
        Tenant tenant = server.tenant();
        String body = "{\"events\":[" + EVENT + ",7]}";
        Reply first = post(tenant, "\"k\"", body);

        for (String encoding : new String[] {"identity", "gzip", "zstd", "GZIP", "x-gzip"}) {
            Reply again =
                    server.post(request(tenant, "k").header("Content-Encoding", encoding), packed(encoding, body));

            assertThat(again.status()).isEqualTo(200);
            assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(again.json()).isEqualTo(first.json());
            assertThat(again.rateLimit().get("day.r"))
                    .isEqualTo(first.rateLimit().get("day.r"));
        }
    }

    @Test
    void aKeyOfAnotherBodyIsRefusedAndOneOfAnotherSandboxIsNot() throws Exception {
        Tenant tenant = server.tenant();
        post(tenant, "k", BODY);

        Reply reused = post(tenant, "k", BODY + " ");

        assertProblem(reused, 422, "key-reused");
        assertThat(reused.header("RateLimit")).isNotEmpty();
        assertThat(post(server.tenant(), "k", BODY).status()).isEqualTo(202);
    }

    @Test
    void withoutAGoodTokenNothingElseIsLookedAt() throws Exception {
        HttpRequest.Builder bare = server.batches("not-a-sandbox");
        assertUnauthenticated(server.post(bare, new byte[0]));
        assertUnauthenticated(server.post(bare.copy().header("Authorization", "Bearer wrong"), new byte[0]));
        assertUnauthenticated(server.post(bare.copy().header("Authorization", "Basic YTpi"), new byte[0]));
        assertUnauthenticated(server.post(bare.copy().header("Authorization", "Bearer"), new byte[0]));
    }

    @Test
    void onlyAHostMayPostAndOnlyForItsOwn() throws Exception {
        Tenant tenant = server.tenant();
        Tenant other = server.tenant();
        String owner = server.token("owner", "\"database\": \"" + tenant.database() + "\"");
        String reader = server.token("reader", "\"database\": \"" + tenant.database() + "\"");
        String everywhere = server.token("host", "\"databases\": [\"*\"]");
        String oneSandbox = server.token("host", "\"sandboxes\": [\"" + tenant.sandbox() + "\"]");

        assertProblem(postAs(owner, tenant.sandbox()), 403, "not-allowed");
        assertProblem(postAs(reader, tenant.sandbox()), 403, "not-allowed");
        assertProblem(postAs("an-admin-token-for-tests", tenant.sandbox()), 403, "not-allowed");
        assertProblem(postAs(other.token(), tenant.sandbox()), 403, "not-allowed");
        assertProblem(postAs(oneSandbox, other.sandbox()), 403, "not-allowed");
        assertThat(postAs(oneSandbox, tenant.sandbox()).status()).isEqualTo(202);
        assertThat(postAs(everywhere, tenant.sandbox()).status()).isEqualTo(202);
    }

    @Test
    void aSandboxMustBeRegisteredAndActive() throws Exception {
        Tenant tenant = server.tenant();
        String id = tenant.sandbox();

        assertThat(postAs(tenant.token(), id.toUpperCase(Locale.ROOT)).status()).isEqualTo(202);
        assertProblem(postAs(tenant.token(), UUID.randomUUID().toString()), 403, "sandbox-unknown");
        assertProblem(postAs(tenant.token(), id.replace('-', '0')), 400, "invalid-sandbox-id");
        assertProblem(postAs(tenant.token(), id.substring(1)), 400, "invalid-sandbox-id");

        server.admin("PATCH", "/api/v1/sandboxes/" + id, "{\"state\": \"suspended\"}");
        assertProblem(postAs(tenant.token(), id), 403, "sandbox-suspended");
        server.admin("PATCH", "/api/v1/sandboxes/" + id, "{\"state\": \"active\"}");
        assertThat(postAs(tenant.token(), id).status()).isEqualTo(202);
    }

    @Test
    void aSuspendedDatabaseTakesNothing() throws Exception {
        Tenant tenant = server.tenant();

        server.admin("PATCH", "/api/v1/databases/" + tenant.database(), "{\"state\": \"suspended\"}");
        Reply refused = postAs(tenant.token(), tenant.sandbox());
        assertProblem(refused, 403, "database-suspended");
        assertThat(refused.header("RateLimit")).isEmpty();
        server.admin("PATCH", "/api/v1/databases/" + tenant.database(), "{\"state\": \"active\"}");
        assertThat(postAs(tenant.token(), tenant.sandbox()).status()).isEqualTo(202);
    }

    @Test
    void theSandboxComesBeforeTheFormAndTheKeyBeforeTheRest() throws Exception {
        Tenant tenant = server.tenant();
        String token = "Bearer " + tenant.token();

        assertProblem(
                server.post(server.batches(UUID.randomUUID().toString()).header("Authorization", token), new byte[0]),
                403,
                "sandbox-unknown");
        assertProblem(
                server.post(server.batches(tenant.sandbox()).header("Authorization", token), new byte[0]),
                400,
                "missing-idempotency-key");
        assertProblem(
                server.post(
                        server.batches(tenant.sandbox())
                                .header("Authorization", token)
                                .header("Idempotency-Key", "a b"),
                        new byte[0]),
                400,
                "invalid-idempotency-key");
    }

    @Test
    void anUnknownTypeOrEncodingIsToldTheKnownOnes() throws Exception {
        Tenant tenant = server.tenant();
        HttpRequest.Builder plain = server.batches(tenant.sandbox())
                .header("Authorization", "Bearer " + tenant.token())
                .header("Idempotency-Key", "k");

        Reply type = server.post(plain.copy().header("Content-Type", "text/plain"), BODY.getBytes(UTF_8));
        assertProblem(type, 415, "unsupported-media-type");
        assertThat(type.json().get("detail").asString()).contains("application/json");
        assertThat(type.header("RateLimit")).isNotEmpty();
        Reply encoding = server.post(request(tenant, "k").header("Content-Encoding", "br"), BODY.getBytes(UTF_8));
        assertProblem(encoding, 415, "unsupported-media-type");
        assertThat(encoding.json().get("detail").asString()).contains("zstd", "gzip", "identity");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                          | -1 | ''
            {"events": [                |  1 | ''
            {"events": []}              | -1 | /events
            {"events": [{"seq": 1}]}    | -1 | /events/0
            {"host": {"id": 5}}         | -1 | /host/id
            {"events": 1}               | -1 | /events
            """)
    void aMalformedBodyIsToldWhere(String body, int line, String pointer) throws Exception {
        Reply reply = post(server.tenant(), "k", body);

        assertProblem(reply, 400, "malformed-body");
        if (line > 0) {
            assertThat(reply.json().get("line").asInt()).isEqualTo(line);
            assertThat(reply.json().get("column").asInt()).isPositive();
        } else {
            assertThat(reply.json().get("pointer").asString()).isEqualTo(pointer);
        }
        assertThat(reply.header("RateLimit")).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void aBodyThatIsNotWhatItsEncodingSaysIsMalformed(String encoding) throws Exception {
        Tenant tenant = server.tenant();

        Reply reply = server.post(request(tenant, "k").header("Content-Encoding", encoding), BODY.getBytes(UTF_8));

        assertProblem(reply, 400, "malformed-body");
        assertThat(reply.json().get("pointer").asString()).isEmpty();
    }

    @Test
    void aBatchOverALimitIsToldTheLimitAndWhatItHas() throws Exception {
        Tenant tenant = server.tenant(1_000_000_000, 10_000, 100_000, "enforce");

        Reply events = post(tenant, "k", "{\"events\":[" + (EVENT + ",").repeat(10_000) + EVENT + "]}");
        assertTooLarge(events, 10_000, 10_001);

        Reply wire = post(tenant, "k", " ".repeat(8 * 1024 * 1024 + 1));
        assertTooLarge(wire, 8 * 1024 * 1024, 8 * 1024 * 1024 + 1);

        String big = "{\"x\":\"" + "0123456789abcdef".repeat(2 * 1024 * 1024) + "\",\"events\":[" + EVENT + "]}";
        Reply unpacked =
                server.post(request(tenant, "k").header("Content-Encoding", "gzip"), packed("gzip", scrambled(big)));
        assertProblem(unpacked, 413, "batch-too-large");
        assertThat(unpacked.json().get("limit").asLong()).isEqualTo(32 * 1024 * 1024);

        byte[] bomb = packed("zstd", BODY + " ".repeat(2 * 1024 * 1024));
        Reply inflated = server.post(request(tenant, "k").header("Content-Encoding", "zstd"), bomb);
        assertProblem(inflated, 413, "batch-too-large");
        assertThat(inflated.json().get("limit").asLong()).isEqualTo(1024 * 1024);

        Reply small = server.post(
                request(tenant, "k").header("Content-Encoding", "zstd"), packed("zstd", BODY + " ".repeat(1_000_000)));
        assertThat(small.status()).isEqualTo(202);
    }

    @Test
    void aBatchOverTheDayQuotaGets429AndConsumesNothing() throws Exception {
        Tenant tenant = server.tenant(BODY.length() * 2L - 1, 100, 1_000, "enforce");
        Reply first = post(tenant, "k-1", BODY);

        Reply refused = post(tenant, "k-2", BODY);

        assertThat(first.status()).isEqualTo(202);
        assertProblem(refused, 429, "quota-exceeded");
        assertThat(refused.json().get("violated-policies").toString()).isEqualTo("[\"day\"]");
        assertThat(refused.json().get("limit").asLong()).isEqualTo(BODY.length() * 2L - 1);
        assertThat(refused.json().get("used").asLong()).isEqualTo(BODY.length());
        assertRetryAfter(refused, refused.json().get("reset").asLong());
        assertThat(refused.rateLimit().get("day.r")).isEqualTo(first.rateLimit().get("day.r"));
        assertThat(post(tenant, "k-1", BODY).status()).isEqualTo(200);
    }

    @Test
    void aBatchOverTheRateGets429AndIsTakenAfterTheWait() throws Exception {
        Tenant tenant = server.tenant(1_000_000, 1, 2, "enforce");
        String two = "{\"events\":[" + EVENT + "," + EVENT + "]}";
        assertThat(post(tenant, "k-1", two).status()).isEqualTo(202);

        Reply refused = post(tenant, "k-2", BODY);

        assertProblem(refused, 429, "quota-exceeded");
        assertThat(refused.json().get("violated-policies").toString()).isEqualTo("[\"rate\"]");
        assertThat(refused.json().get("limit").asLong()).isEqualTo(2);
        assertThat(refused.json().get("reset").asLong()).isEqualTo(1);
        assertRetryAfter(refused, 1);
        Thread.sleep(1_000);
        assertThat(post(tenant, "k-2", BODY).status()).isEqualTo(202);
    }

    @Test
    void aBatchThatNoDayAndNoBucketCouldHoldGets413() throws Exception {
        Tenant shortDay = server.tenant(BODY.length() - 1L, 100, 1_000, "enforce");
        Reply day = post(shortDay, "k", BODY);
        assertProblem(day, 413, "batch-exceeds-quota");
        assertThat(day.json().get("limit").asLong()).isEqualTo(BODY.length() - 1L);
        assertThat(day.json().get("actual").asLong()).isEqualTo(BODY.length());

        Tenant smallBucket = server.tenant(1_000_000, 1, 1, "enforce");
        Reply rate = post(smallBucket, "k", "{\"events\":[" + EVENT + "," + EVENT + "]}");
        assertProblem(rate, 413, "batch-exceeds-quota");
        assertThat(rate.json().get("limit").asLong()).isEqualTo(1);
        assertThat(rate.json().get("actual").asLong()).isEqualTo(2);
        assertThat(rate.header("RateLimit")).isNotEmpty();
    }

    @Test
    void inShadowNothingIsRefusedForItsQuota() throws Exception {
        Tenant tenant = server.tenant(10, 1, 1, "shadow");

        assertThat(post(tenant, "k-1", BODY).status()).isEqualTo(202);
        assertThat(post(tenant, "k-2", BODY).status()).isEqualTo(202);
    }

    @Test
    void anotherMethodAndAnotherPathAreToldSo() throws Exception {
        Tenant tenant = server.tenant();

        Reply get = new Reply(
                HttpClient.newHttpClient().send(request(tenant, "k").GET().build(), BodyHandlers.ofByteArray()));
        assertProblem(get, 405, "method-not-allowed");
        assertThat(get.header("Allow")).isEqualTo("POST");
        Reply path = server.post(
                HttpRequest.newBuilder(server.uri("/api/v1/sandboxes/" + tenant.sandbox() + "/batch"))
                        .header("Authorization", "Bearer " + tenant.token()),
                BODY.getBytes(UTF_8));
        assertProblem(path, 404, "not-found");
    }

    @Test
    void everyAnswerIsCounted() throws Exception {
        Tenant tenant = server.tenant();
        post(tenant, "k", BODY);
        post(tenant, "k", BODY);

        String metrics = server.metrics();

        assertThat(metrics)
                .containsPattern("telemetry_intake_requests_total\\{code=\"accepted\"\\} [1-9]")
                .containsPattern("telemetry_intake_requests_total\\{code=\"replayed\"\\} [1-9]")
                .contains("telemetry_intake_requests_total{code=\"spool-full\"} 0")
                .contains("telemetry_admission_seconds_bucket")
                .containsPattern("telemetry_admission_seconds_count [1-9]");
    }

    private static void assertProblem(Reply reply, int status, String code) {
        assertThat(reply.status()).as(code).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        JsonNode problem = reply.json();
        assertThat(problem.get("code").asString()).isEqualTo(code);
        assertThat(problem.get("type").asString()).endsWith(code);
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("title").asString()).isNotBlank();
        assertThat(problem.get("detail").asString()).isNotBlank();
    }

    private static void assertUnauthenticated(Reply reply) {
        assertProblem(reply, 401, "unauthenticated");
        assertThat(reply.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(reply.header("RateLimit")).isEmpty();
    }

    private static void assertTooLarge(Reply reply, long limit, long actual) {
        assertProblem(reply, 413, "batch-too-large");
        assertThat(reply.json().get("limit").asLong()).isEqualTo(limit);
        assertThat(reply.json().get("actual").asLong()).isEqualTo(actual);
    }

    private static void assertRetryAfter(Reply reply, long wait) {
        assertThat(Long.parseLong(reply.header("Retry-After"))).isBetween(wait, wait + wait / 2 + 1);
    }

    private static Reply post(Tenant tenant, String key, String body) throws IOException, InterruptedException {
        return server.post(request(tenant, key), body.getBytes(UTF_8));
    }

    private static Reply postAs(String token, String sandbox) throws IOException, InterruptedException {
        HttpRequest.Builder request = server.batches(sandbox)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString());
        return server.post(request, BODY.getBytes(UTF_8));
    }

    private static HttpRequest.Builder request(Tenant tenant, String key) {
        return server.batches(tenant.sandbox())
                .header("Authorization", "Bearer " + tenant.token())
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key);
    }

    /** The same length, but hard to compress. */
    private static String scrambled(String body) {
        char[] chars = body.toCharArray();
        long state = 1;
        for (int i = 6; i < chars.length - 90; i += 3) {
            state = state * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
            chars[i] = state < 0 ? (char) ('a' + (state >>> 60)) : '0';
        }
        return new String(chars);
    }

    private static byte[] packed(String encoding, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        return switch (encoding.toLowerCase(Locale.ROOT)) {
            case "zstd" -> Zstd.compress(bytes);
            case "gzip", "x-gzip" -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                    gzip.write(bytes);
                }
                yield out.toByteArray();
            }
            default -> bytes;
        };
    }
}
