package org.svos.telemetry.gateway.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.svos.telemetry.gateway.GatewayApplication;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole gateway on a free port and a store of its own, and what its owner and its hosts would say to it. */
final class IntakeServer implements AutoCloseable {

    private static final String ADMIN_TOKEN = "an-admin-token-for-tests";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ConfigurableApplicationContext context;
    private final int port;
    private final Capacity capacity;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger names = new AtomicInteger();

    private IntakeServer(ConfigurableApplicationContext context) {
        this.context = context;
        this.capacity = context.getBean(Capacity.class);
        this.port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    /** Starts one. Nothing listens at its Lantern Rock. */
    static IntakeServer start(Path data, String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--telemetry.data=" + data,
                "--telemetry.admin-token=" + ADMIN_TOKEN,
                "--telemetry.intake.drain-time=0s",
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--management.server.port=0"));
        for (String setting : settings) {
            String key = "--" + setting.substring(0, setting.indexOf('=') + 1);
            arguments.removeIf(argument -> argument.startsWith(key));
            arguments.add("--" + setting);
        }
        return new IntakeServer(new SpringApplicationBuilder(GatewayApplication.class)
                .web(WebApplicationType.SERVLET)
                .run(arguments.toArray(String[]::new)));
    }

    int port() {
        return port;
    }

    Capacity capacity() {
        return capacity;
    }

    /** What Prometheus would scrape. */
    String metrics() throws Exception {
        int management = context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
        URI uri = URI.create("http://127.0.0.1:" + management + "/actuator/prometheus");
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
    }

    /** A new database of that quota, with one sandbox and a host's token for it. */
    Tenant tenant(long bytesPerDay, long eventsPerSecond, long burst, String mode) throws Exception {
        String name = "db" + names.incrementAndGet();
        String sandbox = UUID.randomUUID().toString();
        admin("POST", "/api/v1/databases", """
                {"name": "%s", "owner": "o", "description": "d",
                 "quota": {"bytesPerDay": %d, "eventsPerSecond": %d, "burst": %d, "mode": "%s"}}""".formatted(name, bytesPerDay, eventsPerSecond, burst, mode));
        admin("POST", "/api/v1/databases/" + name + "/sandboxes", "{\"id\": \"" + sandbox + "\"}");
        return new Tenant(name, sandbox, token("host", "\"databases\": [\"" + name + "\"]"));
    }

    Tenant tenant() throws Exception {
        return tenant(100_000_000, 10_000, 100_000, "enforce");
    }

    /** A new token's secret. */
    String token(String role, String scope) throws Exception {
        return admin("POST", "/api/v1/tokens", "{\"role\": \"" + role + "\", \"name\": \"t\", " + scope + "}")
                .get("secret")
                .asString();
    }

    /** A call that the admin makes, and that must succeed. */
    JsonNode admin(String method, String path, String body) throws Exception {
        HttpResponse<byte[]> response = send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/json")
                        .header("Authorization", "Bearer " + ADMIN_TOKEN)
                        .header("If-Match", "*"),
                method,
                body.getBytes(UTF_8));
        if (response.statusCode() >= 300) {
            throw new AssertionError(response.statusCode() + " " + new String(response.body(), UTF_8));
        }
        return response.body().length == 0 ? JSON.createObjectNode() : JSON.readTree(response.body());
    }

    HttpRequest.Builder batches(String sandbox) {
        return HttpRequest.newBuilder(uri("/api/v1/sandboxes/" + sandbox + "/batches"));
    }

    Reply post(HttpRequest.Builder request, byte[] body) throws IOException, InterruptedException {
        return new Reply(send(request, "POST", body));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request, String method, byte[] body)
            throws IOException, InterruptedException {
        return client.send(
                request.method(method, BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    @Override
    public void close() {
        client.close();
        context.close();
    }

    /** A registered database, with one sandbox and a token for it. */
    record Tenant(String database, String sandbox, String token) {}

    /** An answer of the intake. */
    record Reply(HttpResponse<byte[]> response) {

        int status() {
            return response.statusCode();
        }

        JsonNode json() {
            return JSON.readTree(response.body());
        }

        String code() {
            return json().path("code").asString();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        Map<String, Long> rateLimit() {
            Map<String, Long> numbers = new HashMap<>();
            for (String policy : header("RateLimit").split(", ", -1)) {
                String[] parts = policy.split(";", -1);
                for (int i = 1; i < parts.length; i++) {
                    String[] pair = parts[i].split("=", -1);
                    numbers.put(parts[0].replace("\"", "") + "." + pair[0], Long.valueOf(pair[1]));
                }
            }
            return numbers;
        }
    }
}
