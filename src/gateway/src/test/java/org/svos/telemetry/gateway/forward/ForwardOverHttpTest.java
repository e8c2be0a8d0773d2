package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.StringJoiner;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.svos.telemetry.gateway.GatewayApplication;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.lanternrock.Upstream.Arrived;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;
import tools.jackson.databind.json.JsonMapper;

/** The whole gateway, over HTTP on both sides: a client before it, the stand-in behind it. */
class ForwardOverHttpTest {

    private static final String ADMIN = "kt_admin_for_a_test_of_the_forwarder_only";
    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String SEED = """
        {"host": {"id": "h1", "name": "lab-17", "bootId": "b1"}, "events": [
          {"seq": 1, "kind": "register", "name": "hello", "version": "1.0.0", "time": "2026-11-22T09:31:00Z"},
          {"seq": 2, "kind": "session_begin", "name": "startup", "time": "2026-11-22T09:31:01Z"},
          {"seq": 3, "kind": "message", "name": "loaded", "time": "2026-11-22T09:31:02Z",
           "payload": "{ hello_world: false }"},
          {"seq": 4, "kind": "session_end", "time": "2026-11-22T09:31:03Z"},
          {"seq": 5, "kind": "unregister", "time": "2026-11-22T09:31:04Z"}]}\
        """;

    private final HttpClient client = HttpClient.newHttpClient();
    private final JsonMapper json = new JsonMapper();

    @TempDir
    Path data;

    private StandInUpstream standIn;
    private ConfigurableApplicationContext gateway;
    private String token;

    @BeforeEach
    void start() throws Exception {
        standIn = new StandInUpstream(data.resolve("lantern-rock"));
        startGateway();
        send("POST", "/api/v1/databases", ADMIN, "{\"name\":\"lab\",\"owner\":\"lab team\",\"size\":\"large\"}");
        send("POST", "/api/v1/databases/lab/sandboxes", ADMIN, "{\"id\":\"" + SANDBOX + "\"}");
        token = json.readTree(send(
                                "POST",
                                "/api/v1/tokens",
                                ADMIN,
                                "{\"role\":\"host\",\"name\":\"test\",\"databases\":[\"lab\"]}")
                        .body())
                .get("secret")
                .stringValue();
    }

    private void startGateway(String... settings) {
        String[] common = {
            "--server.port=0",
            "--management.server.port=0",
            "--telemetry.data=" + data.resolve("gateway"),
            "--telemetry.admin-token=" + ADMIN,
            "--telemetry.lantern-rock.url=" + standIn.uri(),
            "--telemetry.lantern-rock.timeout=1s",
            "--telemetry.forward.retry-initial=20ms",
            "--telemetry.forward.retry-max=200ms",
            "--telemetry.forward.probe=200ms"
        };
        gateway = SpringApplication.run(
                GatewayApplication.class,
                Stream.concat(Stream.of(common), Stream.of(settings)).toArray(String[]::new));
    }

    @AfterEach
    void stop() {
        gateway.close();
        standIn.close();
    }

    @Test
    void theSeedsExampleArrives() throws Exception {
        assertThat(post("k1", SEED).statusCode()).isEqualTo(202);
        await(() -> standIn.arrived("lab").size() == 5);
        assertThat(standIn.arrived("lab").get(2))
                .isEqualTo(new Arrived(
                        SANDBOX,
                        "h1",
                        "hello 1.0.0",
                        "startup",
                        "message",
                        "loaded",
                        3,
                        Instant.parse("2026-11-22T09:31:02Z"),
                        "{\"hello_world\":false}"));
        assertThat(standIn.arrived("lab"))
                .extracting(Arrived::session)
                .containsExactly(null, "startup", "startup", "startup", null);
        await(() -> ledger().delivered() == 5);
        assertBalanced();
    }

    @Test
    void aBatchThatIsPostedAgainIsDeliveredOnce() throws Exception {
        post("k1", SEED);
        assertThat(post("k1", SEED).statusCode()).isEqualTo(200);
        post("k2", message(6, "next"));
        await(() -> standIn.arrived("lab").size() == 6);
        assertThat(standIn.arrived("lab")).hasSize(6);
    }

    @Test
    void aLanternRockThatIsDownKeepsNobodyFromPostingAndGetsAllWhenItIsBack() throws Exception {
        standIn.stop();
        for (int i = 1; i <= 10; i++) {
            assertThat(post("k" + i, message(i, "m" + i)).statusCode()).isEqualTo(202);
        }
        assertThat(send("GET", "/readyz", "", "").statusCode()).isEqualTo(200);
        assertThat(management("/actuator/health").statusCode()).isEqualTo(200);
        assertThat(ledger().waiting()).isEqualTo(10);
        standIn.restart();
        await(() -> standIn.arrived("lab").size() == 10);
        assertThat(standIn.arrived("lab"))
                .extracting(Arrived::seq)
                .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
        await(() -> ledger().waiting() == 0);
        assertBalanced();
    }

    @Test
    void aLanternRockThatDropsItsAnswersGetsEachEventOnce() throws Exception {
        standIn.drop();
        post("k1", SEED);
        await(() -> standIn.arrived("lab").size() == 5);
        assertThat(ledger().waiting()).isEqualTo(5);
        standIn.mend();
        await(() -> ledger().delivered() == 5);
        assertThat(standIn.arrived("lab")).hasSize(5);
        assertBalanced();
    }

    @Test
    void aLanternRockThatAnswersTooLateGetsEachEventOnce() throws Exception {
        standIn.answerAfter(Duration.ofSeconds(3));
        post("k1", SEED);
        await(() -> standIn.arrived("lab").size() == 5);
        standIn.mend();
        await(() -> ledger().delivered() == 5);
        assertThat(standIn.arrived("lab")).hasSize(5);
    }

    @Test
    void aPoisonedRecordIsADeadLetterAndTheOthersArrive() throws Exception {
        standIn.poison("loaded");
        post("k1", SEED);
        await(() -> ledger().deadLettered() == 1);
        await(() -> ledger().delivered() == 4);
        assertThat(standIn.arrived("lab")).extracting(Arrived::seq).containsExactly(1L, 2L, 4L, 5L);
        assertThat(metrics()).contains("telemetry_dead_letters 1.0");
        assertBalanced();
    }

    @Test
    void aPoisonInEveryBatchIsADeadLetterEachAndArrivesWhenLanternRockIsMended() throws Exception {
        standIn.poison("bad");
        for (int batch = 0; batch < 12; batch++) {
            var events = new StringJoiner(",");
            for (int i = 1; i <= 7; i++) {
                events.add("""
                    {"seq": %d, "kind": "message", "name": "%s", "time": "2026-11-22T09:32:00Z", "payload": {}}\
                    """.formatted(batch * 7 + i, i == batch % 7 + 1 ? "bad" : "good"));
            }
            String host = "{\"host\": {\"id\": \"h%d\", \"bootId\": \"b1\"}, \"events\": [".formatted(batch % 3);
            assertThat(post("k" + batch, host + events + "]}").statusCode()).isEqualTo(202);
        }
        await(() -> ledger().waiting() == 0);
        assertThat(ledger().deadLettered()).isEqualTo(12);
        assertThat(ledger().delivered()).isEqualTo(72);
        assertThat(standIn.arrived("lab")).hasSize(72).extracting(Arrived::name).containsOnly("good");
        assertThat(standIn.arrived("lab").stream().filter(record -> "h1".equals(record.host())))
                .extracting(Arrived::seq)
                .isSorted();
        var letters = json.readTree(
                send("GET", "/api/v1/databases/lab/dead-letters", ADMIN, "").body());
        assertThat(letters.get("items")).hasSize(12).allSatisfy(letter -> {
            assertThat(letter.get("reason").asString()).isEqualTo("refused");
            assertThat(letter.get("status").asInt()).isEqualTo(422);
            assertThat(letter.get("answer").asString()).contains("told to refuse records named");
        });

        standIn.mend();
        assertThat(send("POST", "/api/v1/databases/lab/dead-letters/replay", ADMIN, "")
                        .statusCode())
                .isEqualTo(202);
        await(() -> ledger().delivered() == 84);
        assertThat(ledger().deadLettered()).isZero();
        assertThat(standIn.arrived("lab"))
                .extracting(Arrived::seq)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 84).boxed().toList());
        assertBalanced();
    }

    @Test
    void anOpenCircuitIsNotSeenByWhoPostsOrAsksWhetherTheGatewayIsReady() throws Exception {
        standIn.answer(503, null);
        post("k1", SEED);
        await(() -> metrics().contains("telemetry_upstream_circuit_state 2.0"));
        assertThat(post("k2", message(6, "next")).statusCode()).isEqualTo(202);
        assertThat(send("GET", "/readyz", "", "").statusCode()).isEqualTo(200);
        assertThat(management("/actuator/health/readiness").statusCode()).isEqualTo(200);
        assertThat(management("/actuator/health").statusCode()).isEqualTo(200);
        standIn.mend();
        await(() -> ledger().delivered() == 6);
    }

    @Test
    void aParkedLaneGoesOnWhenLanternRockIsMended() throws Exception {
        standIn.answer(403, null);
        post("k1", SEED);
        await(() -> metrics().contains("telemetry_upstream_requests_total{outcome=\"parked\"} 1.0"));
        assertThat(metrics()).contains("telemetry_lanes{state=\"parked\"} 1.0");
        assertThat(send("GET", "/readyz", "", "").statusCode()).isEqualTo(200);
        standIn.mend();
        await(() -> ledger().delivered() == 5);
        assertThat(metrics()).contains("telemetry_lanes{state=\"parked\"} 0.0");
    }

    @Test
    void whatWasAcceptedBeforeARestartIsDeliveredAfterIt() throws Exception {
        standIn.answer(503, null);
        post("k1", SEED);
        gateway.close();
        standIn.mend();
        startGateway();
        await(() -> standIn.arrived("lab").size() == 5);
        await(() -> ledger().delivered() == 5);
        assertBalanced();
    }

    @Test
    void whatWasAcceptedUnderWiderLimitsIsDeliveredUnderNarrowerOnes() throws Exception {
        standIn.answer(503, null);
        String object = "{\"a\":{\"b\":\"" + "x".repeat(60_000) + "\"}}";
        assertThat(post("k1", messages(object, "\"{a:[]}\"", "{}")).body()).contains("\"accepted\":3,\"rejected\":[]");
        restart("20B", 1);
        standIn.mend();
        await(() -> ledger().delivered() == 3);
        assertThat(standIn.arrived("lab")).extracting(Arrived::payload).containsExactly(object, "{\"a\":[]}", "{}");
        assertThat(ledger().accepted()).isEqualTo(3);
        assertBalanced();
        assertThat(post("k2", messages(object, "{}")).body()).contains("\"accepted\":1,\"rejected\":[{\"index\":0,");
    }

    @Test
    void whatWasRejectedUnderNarrowerLimitsIsNotDeliveredUnderWiderOnes() throws Exception {
        restart("20B", 1);
        standIn.answer(503, null);
        assertThat(post("k1", messages("{\"a\":{}}", "\"" + "x".repeat(21) + "\"", "\"{a:[]}\"", "{}"))
                        .body())
                .contains("\"accepted\":2", "too-deep", "too-long");
        restart("64KB", 64);
        standIn.mend();
        await(() -> ledger().delivered() == 2);
        assertThat(standIn.arrived("lab"))
                .extracting(Arrived::payload)
                .containsExactly("{\"_raw\":\"{a:[]}\",\"_error\":\"nested over 1 deep\"}", "{}");
        assertThat(ledger().rejected()).containsOnly(entry("too-deep", 1L), entry("too-long", 1L));
        assertBalanced();
    }

    private void restart(String maxPayloadSize, int maxPayloadDepth) {
        gateway.close();
        startGateway(
                "--telemetry.intake.max-payload-size=" + maxPayloadSize,
                "--telemetry.intake.max-payload-depth=" + maxPayloadDepth);
    }

    @Test
    void theMetricsAreThereBeforeAnyTraffic() {
        assertThat(metrics())
                .contains(
                        "telemetry_upstream_requests_total{outcome=\"delivered\"} 0.0",
                        "telemetry_upstream_requests_total{outcome=\"retry\"} 0.0",
                        "telemetry_upstream_requests_total{outcome=\"parked\"} 0.0",
                        "telemetry_upstream_requests_total{outcome=\"refused\"} 0.0",
                        "telemetry_upstream_seconds_count 0",
                        "telemetry_upstream_seconds_bucket",
                        "telemetry_upstream_circuit_state 0.0",
                        "telemetry_upstream_concurrency_limit 16.0",
                        "telemetry_upstream_in_flight 0.0",
                        "telemetry_lanes{state=\"parked\"} 0.0",
                        "telemetry_dead_letters 0.0");
    }

    private static String messages(String... payloads) {
        StringJoiner events = new StringJoiner(",", "{\"events\":[", "]}");
        for (int i = 0; i < payloads.length; i++) {
            events.add("{\"seq\":" + (i + 1)
                    + ",\"kind\":\"message\",\"name\":\"m\",\"time\":\"2026-11-22T09:32:00Z\",\"payload\":"
                    + payloads[i] + "}");
        }
        return events.toString();
    }

    private static String message(int seq, String name) {
        return """
            {"host": {"id": "h1", "bootId": "b1"}, "events": [{"seq": %d, "kind": "message", "name": "%s",
             "time": "2026-11-22T09:32:00Z", "payload": {"n": %d}}]}\
            """.formatted(seq, name, seq);
    }

    private Totals ledger() {
        return gateway.getBean(Ledger.class).all();
    }

    private void assertBalanced() {
        assertThat(ledger().imbalance()).isZero();
    }

    private String metrics() {
        return management("/actuator/prometheus").body();
    }

    private HttpResponse<String> management(String path) {
        return exchange(
                HttpRequest.newBuilder(uri("local.management.port", path)).build());
    }

    private HttpResponse<String> post(String key, String body) {
        return exchange(HttpRequest.newBuilder(uri("local.server.port", "/api/v1/sandboxes/" + SANDBOX + "/batches"))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", '"' + key + '"')
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private HttpResponse<String> send(String method, String path, String bearer, String body) {
        return exchange(HttpRequest.newBuilder(uri("local.server.port", path))
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build());
    }

    private URI uri(String port, String path) {
        return URI.create("http://127.0.0.1:" + gateway.getEnvironment().getProperty(port) + path);
    }

    private HttpResponse<String> exchange(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(request.toString(), e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting after %s", PATIENCE).isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
