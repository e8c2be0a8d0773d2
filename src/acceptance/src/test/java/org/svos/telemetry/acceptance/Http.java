package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** HTTP as any client of the system speaks it. */
final class Http {

    static final JsonMapper JSON = new JsonMapper();

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private Http() {}

    /** An answer; its body as it came. */
    record Answer(int status, Map<String, String> headers, String body) {

        /** The body read as JSON. */
        JsonNode json() {
            return JSON.readTree(body);
        }

        /** The stable code of a problem. */
        String code() {
            return json().path("code").asString("");
        }
    }

    static Answer get(String url, Map<String, String> headers) {
        return send("GET", url, headers, "");
    }

    static Answer post(String url, Map<String, String> headers, String body) {
        return send("POST", url, headers, body);
    }

    /** Sends any request. No answer at all is an {@link UncheckedIOException}. */
    static Answer send(String method, String url, Map<String, String> headers, String body) {
        return send(method, url, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    static Answer send(String method, String url, Map<String, String> headers, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            Map<String, String> first = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            response.headers().map().forEach((name, values) -> first.put(name, values.getFirst()));
            return new Answer(response.statusCode(), first, response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
