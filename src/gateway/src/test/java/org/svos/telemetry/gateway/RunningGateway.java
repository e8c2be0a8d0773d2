package org.svos.telemetry.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole gateway in this process, on free ports, with its store in a folder of the test's, and a client for it. */
public final class RunningGateway implements AutoCloseable {

    /** What every gateway of the tests takes for its admin token. */
    public static final String ADMIN = "admin-token-of-the-tests";

    private static final JsonMapper JSON = JsonMapper.shared();

    /** One for all: settings do not change what the API is said to be. */
    private static @Nullable Conformance conformance;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ConfigurableApplicationContext context;

    private RunningGateway(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /**
     * Starts one.
     *
     * @param settings such as {@code telemetry.intake.max-events=10}
     */
    public static RunningGateway start(Path data, String... settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("telemetry.data", data.toString());
        all.put("telemetry.admin-token", ADMIN);
        all.put("telemetry.lantern-rock.url", "http://127.0.0.1:1"); // nobody there, so what is accepted waits
        all.put("telemetry.intake.drain-time", "0s"); // nobody listens to a test that ends
        all.put("server.address", "127.0.0.1");
        all.put("server.port", "0");
        all.put("management.server.port", "0");
        all.put("logging.level.root", "error");
        all.put("logging.level.org.svos.telemetry", "warn");
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            all.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        String[] arguments = all.entrySet().stream()
                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                .toArray(String[]::new);
        return new RunningGateway(SpringApplication.run(GatewayApplication.class, arguments));
    }

    /** The port of the API. */
    public int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    /** The port of health and metrics. */
    public int managementPort() {
        return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
    }

    /** One of the gateway's parts. */
    public <T> T part(Class<T> type) {
        return context.getBean(type);
    }

    /**
     * Every call that is served on the API port, as "GET /api/v1/databases/{}", whoever serves it; without what only describes
     * the API, and without the probes, which are Spring's.
     */
    public Set<String> calls() {
        Set<String> calls = new TreeSet<>();
        for (RequestMappingHandlerMapping mapping :
                context.getBeansOfType(RequestMappingHandlerMapping.class).values()) {
            for (RequestMappingInfo call : mapping.getHandlerMethods().keySet()) {
                for (RequestMethod method : call.getMethodsCondition().getMethods()) {
                    call.getPatternValues().forEach(path -> calls.add(method + " " + withoutNames(path)));
                }
            }
        }
        for (SimpleUrlHandlerMapping mapping :
                context.getBeansOfType(SimpleUrlHandlerMapping.class).values()) {
            mapping.getUrlMap().keySet().forEach(path -> calls.add("POST " + withoutNames(path)));
        }
        calls.removeIf(call -> call.contains("/v3/api-docs"));
        return calls;
    }

    /** A path with its variables unnamed. */
    public static String withoutNames(String path) {
        return path.replaceAll("\\{[^}]*}", "{}");
    }

    /** Calls the API as the administrator. */
    public Answer admin(String method, String path, @Nullable String body, String... headers) {
        return call(ADMIN, method, path, body, headers);
    }

    /**
     * Calls the API, and holds the answer against what the API is said to answer.
     *
     * @param token of the caller, or null for none
     * @param body JSON, or null for none
     * @param headers names and values in turn
     */
    public Answer call(@Nullable String token, String method, String path, @Nullable String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        Answer answer = send(request.build());
        List<String> faults = conformance()
                .faults(
                        method,
                        path,
                        body,
                        answer.status(),
                        answer.header("Content-Type"),
                        method.equals("HEAD") ? "" : answer.body());
        if (!faults.isEmpty()) {
            throw new AssertionError("not as /v3/api-docs says: " + faults);
        }
        return answer;
    }

    private Conformance conformance() {
        synchronized (RunningGateway.class) {
            if (conformance == null) {
                HttpRequest document = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/v3/api-docs"))
                        .build();
                conformance = new Conformance(send(document).json());
            }
            return conformance;
        }
    }

    /** Calls for an answer that does not end: its body is read as it comes, and closing that closes the connection. */
    public HttpResponse<InputStream> open(@Nullable String token, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /** Asks the management port. */
    public Answer manage(String path) {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort() + path))
                .build());
    }

    private Answer send(HttpRequest request) {
        HttpResponse<String> response = send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.headers(), response.body());
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        try {
            return client.send(request, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Stops it as SIGTERM would. */
    @Override
    public void close() {
        context.close();
        client.shutdownNow(); // it would wait for answers that do not end
    }

    /** What came back. */
    public record Answer(int status, HttpHeaders headers, String body) {

        /** The body, as JSON. */
        public JsonNode json() {
            return JSON.readTree(body);
        }

        /** A text of the body's object. */
        public String text(String key) {
            return json().get(key).asString();
        }

        /** A header, or "" if it is not there. */
        public String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }
}
