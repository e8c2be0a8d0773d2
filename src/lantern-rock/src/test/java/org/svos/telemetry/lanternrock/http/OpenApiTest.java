package org.svos.telemetry.lanternrock.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Delivery.Application;
import org.svos.telemetry.lanternrock.Delivery.Host;
import org.svos.telemetry.lanternrock.OpenApi;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.Session;
import org.svos.telemetry.lanternrock.TelemetryRecord;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;
import tools.jackson.databind.JsonNode;

/** The requests that the adapter makes, held against the description. */
class OpenApiTest {

    private static final Instant TIME = Instant.parse("2026-11-22T09:31:00.123456789Z");
    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";

    private record Request(String method, String path, Headers headers, String body) {}

    private final OpenApi openApi = new OpenApi();
    private final List<Request> requests = new ArrayList<>();
    private HttpServer server;
    private HttpLanternRock adapter;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.add(new Request(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().getPath(),
                        exchange.getRequestHeaders(),
                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
        adapter = new HttpLanternRock(
                new HttpSettings(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                        null,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5)),
                null,
                InstantSource.system(),
                () -> "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    }

    @AfterEach
    void stop() {
        adapter.close();
        server.stop(0);
    }

    @Test
    void everyReferenceInTheDescriptionLeadsSomewhere() {
        JsonNode description = openApi.description();
        assertThat(description.get("openapi").stringValue()).isEqualTo("3.1.0");
        assertThat(description.findValues("$ref"))
                .isNotEmpty()
                .allSatisfy(ref -> assertThat(
                                description.at(ref.stringValue().substring(1)).isMissingNode())
                        .as(ref.toString())
                        .isFalse());
    }

    @Test
    void theExamplesOfTheDescriptionConform() {
        JsonNode example = openApi.description()
                .at(
                        "/paths/~1v1~1databases~1{database}~1records/post/requestBody/content/application~1json/examples/seed"
                                + "/value");
        assertThat(openApi.faults("Delivery", example.toString())).isEmpty();
    }

    @Test
    void theRequestsOfTheAdapterConform() throws Exception {
        for (Delivery delivery : deliveries()) {
            assertThat(adapter.deliver(delivery)).isEqualTo(new Receipt.Delivered());
        }
        JsonNode operation = openApi.description().at("/paths/~1v1~1databases~1{database}~1records/post");
        assertThat(operation.isObject()).isTrue();
        Pattern key =
                Pattern.compile(operation.at("/parameters/1/schema/pattern").stringValue());
        assertThat(requests).hasSize(deliveries().size()).allSatisfy(request -> {
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.path()).matches("/v1/databases/lab/records");
            assertThat(request.headers().getFirst("Idempotency-Key")).matches(key);
            assertThat(request.headers().get("Content-Type")).containsExactly("application/json");
            assertThat(openApi.faults("Delivery", request.body()))
                    .as(request.body())
                    .isEmpty();
        });
    }

    private static List<Delivery> deliveries() {
        var closed = new Session("2@" + TIME, "startup", TIME, Duration.ofNanos(1_500_000_001));
        var open = new Session("7@" + TIME, null, TIME, null);
        var atOnce = new Session("9@" + TIME, "", TIME, Duration.ZERO);
        var segments = new Segments("message", Long.MAX_VALUE, Long.MAX_VALUE, 0, 412, "insmod");
        var full = new TelemetryRecord("loaded", 1, 0, segments, TIME, closed.id(), "{\"n\":1e400}");
        var ofOpen = new TelemetryRecord("", 3, -1.5, segments, TIME, open.id(), "{}");
        var ofAtOnce = new TelemetryRecord("a", 3, 1e300, segments, TIME, atOnce.id(), null);
        var bare = new TelemetryRecord(
                null, 1, 0, new Segments("session_end", 1, null, null, null, null), Instant.EPOCH, null, null);
        return List.of(
                new Delivery(
                        "lab",
                        SANDBOX + "/~!#$%&'()*+,-./:;<=>?@[]^_`{|}/1795340000000/0-3",
                        SANDBOX,
                        new Application("hello", "1.0.0"),
                        new Host("h1", "lab-17", "b1", "6.1.0", "1.0.0"),
                        List.of(closed, open, atOnce),
                        List.of(full, ofOpen, ofAtOnce)),
                new Delivery("lab", "k", SANDBOX, null, null, List.of(), List.of(bare)),
                new Delivery(
                        "lab",
                        "k",
                        SANDBOX,
                        new Application(null, "1"),
                        new Host(null, null, null, null, null),
                        List.of(),
                        List.of(bare)));
    }
}
