package org.svos.telemetry.lanternrock.standin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.LanternRock;

/** What tests and demonstrations use: what was delivered, and how the stand-in is to behave. */
final class ControlRoutes {

    private static final int MAX_BEHAVIOUR_BYTES = 64 * 1024;

    private final Archive archive;
    private volatile Behaviour behaviour = Behaviour.OK;

    ControlRoutes(Archive archive) {
        this.archive = archive;
    }

    Behaviour behaviour() {
        return behaviour;
    }

    void behaviour(HttpExchange exchange) throws IOException, HttpFault {
        exactly(exchange, "/behaviour");
        switch (exchange.getRequestMethod()) {
            case "GET" -> {}
            case "PUT" -> {
                try {
                    behaviour = Behaviour.parse(exchange.getRequestBody().readNBytes(MAX_BEHAVIOUR_BYTES));
                } catch (IllegalArgumentException e) {
                    throw new HttpFault(400, String.valueOf(e.getMessage()));
                }
            }
            default -> throw Answers.notAllowed(exchange, "GET, PUT");
        }
        Answers.json(exchange, 200, behaviour.toJson());
    }

    void records(HttpExchange exchange) throws IOException, HttpFault {
        exactly(exchange, "/records");
        String database = database(exchange);
        Map<String, RecordFile> files = new LinkedHashMap<>(archive.all());
        if (database != null) {
            files.keySet().retainAll(Set.of(database));
        }
        switch (exchange.getRequestMethod()) {
            case "GET" -> send(exchange, files);
            case "DELETE" -> {
                for (RecordFile file : files.values()) {
                    file.empty();
                }
                Answers.nothing(exchange);
            }
            default -> throw Answers.notAllowed(exchange, "GET, DELETE");
        }
    }

    private static void send(HttpExchange exchange, Map<String, RecordFile> files) throws IOException {
        var lengths = new LinkedHashMap<RecordFile, Long>();
        files.values().forEach(file -> lengths.put(file, file.length()));
        long length = lengths.values().stream().mapToLong(Long::longValue).sum();
        exchange.getResponseHeaders().set("Content-Type", "application/x-ndjson");
        exchange.sendResponseHeaders(200, length == 0 ? -1 : length);
        for (Map.Entry<RecordFile, Long> file : lengths.entrySet()) {
            file.getKey().copyTo(exchange.getResponseBody(), file.getValue());
        }
    }

    void openApi(HttpExchange exchange) throws IOException, HttpFault {
        exactly(exchange, "/openapi.yaml");
        try (InputStream description = LanternRock.class.getResourceAsStream("openapi.yaml")) {
            Answers.send(
                    exchange,
                    200,
                    "application/yaml",
                    Objects.requireNonNull(description, "openapi.yaml is not in the jar")
                            .readAllBytes());
        }
    }

    void health(HttpExchange exchange) throws IOException, HttpFault {
        exactly(exchange, "/health");
        Answers.json(exchange, 200, "{\"status\":\"UP\"}");
    }

    /** The server's own contexts are prefixes. */
    private static void exactly(HttpExchange exchange, String path) throws HttpFault {
        if (!exchange.getRequestURI().getPath().equals(path)) {
            throw new HttpFault(
                    404, "there is nothing at " + exchange.getRequestURI().getPath());
        }
    }

    private static @Nullable String database(HttpExchange exchange) throws HttpFault {
        String query = exchange.getRequestURI().getRawQuery();
        if (query == null || query.isEmpty()) {
            return null;
        }
        if (!query.startsWith("database=") || query.contains("&")) {
            throw new HttpFault(400, "the one query parameter is \"database\"");
        }
        return URLDecoder.decode(query.substring("database=".length()), StandardCharsets.UTF_8);
    }
}
