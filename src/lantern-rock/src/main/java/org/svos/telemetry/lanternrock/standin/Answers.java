package org.svos.telemetry.lanternrock.standin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/** Answers of the stand-in, each written once, in full. */
final class Answers {

    private static final JsonMapper JSON = new JsonMapper();

    private Answers() {}

    static void json(HttpExchange exchange, int status, String body) throws IOException {
        send(exchange, status, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        if (body.length == 0 || status == 204 || status == 304) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    static void nothing(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(204, -1);
    }

    /** An RFC 9457 problem. */
    static void problem(HttpExchange exchange, HttpFault fault) throws IOException {
        var problem = JSON.createObjectNode();
        problem.put("type", "about:blank");
        problem.put("status", fault.status());
        problem.put("detail", String.valueOf(fault.getMessage()));
        if (!fault.pointer().isEmpty()) {
            problem.put("pointer", fault.pointer());
        }
        send(exchange, fault.status(), "application/problem+json", JSON.writeValueAsBytes(problem));
    }

    static HttpFault notAllowed(HttpExchange exchange, String allowed) {
        exchange.getResponseHeaders().set("Allow", allowed);
        return new HttpFault(405, exchange.getRequestMethod() + " is not among " + allowed);
    }
}
