package org.svos.telemetry.gateway.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.svos.telemetry.gateway.RunningGateway;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole gateway between a client, a Lantern Rock and a receiver of traces. */
@ExtendWith(OutputCaptureExtension.class)
class TracingTest {

    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CLIENT = "00-" + TRACE + "-b7ad6b7169203331-01";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path data;

    /** What Lantern Rock was told of the trace; "none" where it was told nothing. */
    private final BlockingQueue<String> told = new ArrayBlockingQueue<>(100);

    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private volatile int answer = 204;
    private @Nullable String token;

    /** Lantern Rock, and the receiver of traces. */
    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/v1/databases", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                String trace = exchange.getRequestHeaders().getFirst("traceparent");
                told.add(trace == null ? "none" : trace);
                exchange.sendResponseHeaders(answer, -1);
            }
        });
        server.createContext("/v1/traces", exchange -> {
            try (exchange) {
                ExportTraceServiceRequest.parseFrom(exchange.getRequestBody())
                        .getResourceSpansList()
                        .forEach(resource ->
                                resource.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList())));
                exchange.sendResponseHeaders(200, -1);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private RunningGateway gateway(String lanternRock, String... settings) {
        String[] all = new String[settings.length + 1];
        all[0] = "telemetry.lantern-rock.url=" + lanternRock;
        System.arraycopy(settings, 0, all, 1, settings.length);
        RunningGateway gateway = RunningGateway.start(data, all);
        if (token == null) {
            gateway.admin("POST", "/api/v1/databases", "{\"name\":\"lab\",\"owner\":\"lab team\"}");
            gateway.admin("POST", "/api/v1/databases/lab/sandboxes", "{\"id\":\"" + SANDBOX + "\"}");
            token = gateway.admin(
                            "POST", "/api/v1/tokens", "{\"role\":\"host\",\"name\":\"h\",\"databases\":[\"lab\"]}")
                    .text("secret");
        }
        return gateway;
    }

    private int post(RunningGateway gateway, String key, String events, String... headers) {
        String[] all = new String[headers.length + 2];
        all[0] = "Idempotency-Key";
        all[1] = '"' + key + '"';
        System.arraycopy(headers, 0, all, 2, headers.length);
        return gateway.call(
                        token,
                        "POST",
                        "/api/v1/sandboxes/" + SANDBOX + "/batches",
                        "{\"events\":[" + events + "]}",
                        all)
                .status();
    }

    private static String event(int seq) {
        return "{\"seq\":" + seq
                + ",\"kind\":\"message\",\"name\":\"n\",\"payload\":\"{}\",\"time\":\"2026-11-22T09:31:00Z\"}";
    }

    private String told() throws InterruptedException {
        return told.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Test
    void oneTraceLeadsFromTheSendersRequestToTheDeliveryAlsoThroughARestart() throws Exception {
        try (RunningGateway gateway = gateway(
                "http://127.0.0.1:1", "telemetry.tracing.url=" + at("/v1/traces"), "telemetry.tracing.share=0")) {
            assertThat(post(gateway, "k1", event(1) + "," + event(2), "traceparent", CLIENT))
                    .isEqualTo(202);
            assertThat(post(gateway, "k2", event(3))).isEqualTo(202);
        }
        try (var _ =
                gateway(at("").toString(), "telemetry.tracing.url=" + at("/v1/traces"), "telemetry.tracing.share=0")) {
            assertThat(told()).startsWith("00-" + TRACE + "-").endsWith("-01");
            assertThat(told()).as("one that nobody traces").isEqualTo("none");
        }

        Map<String, Span> traced = spans.stream()
                .filter(span ->
                        text(span, "telemetry.outcome") != null && !"retry".equals(text(span, "telemetry.outcome")))
                .collect(Collectors.toMap(Span::getName, span -> span));
        assertThat(traced).containsOnlyKeys("receive batch", "deliver batch");
        Span received = Objects.requireNonNull(traced.get("receive batch"));
        Span delivered = Objects.requireNonNull(traced.get("deliver batch"));
        assertThat(spans)
                .extracting(span -> hex(span.getTraceId().toByteArray()))
                .containsOnly(TRACE);
        assertThat(received.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(hex(received.getParentSpanId().toByteArray())).isEqualTo("b7ad6b7169203331");
        assertThat(delivered.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
        assertThat(delivered.getParentSpanId()).isEqualTo(received.getSpanId());
        for (Span span : traced.values()) {
            assertThat(text(span, "telemetry.batch")).isEqualTo("k1");
            assertThat(text(span, "telemetry.sandbox")).isEqualTo(SANDBOX);
            assertThat(text(span, "telemetry.database")).isEqualTo("lab");
            assertThat(text(span, "telemetry.events")).isEqualTo("2");
        }
        assertThat(text(received, "telemetry.outcome")).isEqualTo("accepted");
        assertThat(text(delivered, "telemetry.outcome")).isEqualTo("delivered");
    }

    @Test
    void withoutAnAddressNothingIsTracedNorSet() throws Exception {
        try (RunningGateway gateway = gateway(at("").toString())) {
            assertThat(post(gateway, "k1", event(1), "traceparent", CLIENT)).isEqualTo(202);
            assertThat(told()).isEqualTo("none");
            assertThatThrownBy(() -> gateway.part(Tracer.class)).isInstanceOf(NoSuchBeanDefinitionException.class);
        }
        assertThat(spans).isEmpty();
    }

    @Test
    void aLineOfTheLogInJsonSaysOfWhichBatchItIs(CapturedOutput output) throws Exception {
        answer = 422;
        // Logs are set up once a process, else by whoever was first.
        LoggingSystem logging = LoggingSystem.get(TracingTest.class.getClassLoader());
        logging.cleanUp();
        try (RunningGateway gateway = gateway(at("").toString(), "logging.structured.format.console=logstash")) {
            assertThat(post(gateway, "k7", event(1))).isEqualTo(202);
            JsonNode line = line(output, "Lantern Rock refuses a batch");
            assertThat(line.get("batch").stringValue()).isEqualTo("k7");
            assertThat(line.get("level").stringValue()).isEqualTo("WARN");
        } finally {
            logging.cleanUp();
        }
    }

    private static JsonNode line(CapturedOutput output, String message) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            for (String line : output.getOut().lines().toList()) {
                if (line.startsWith("{") && line.contains(message)) {
                    return JsonMapper.shared().readTree(line);
                }
            }
            Thread.sleep(20);
        }
        throw new AssertionError("no line of JSON says: " + message);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static @Nullable String text(Span span, String name) {
        return span.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals(name))
                .map(attribute -> attribute.getValue().getStringValue())
                .findFirst()
                .orElse(null);
    }
}
