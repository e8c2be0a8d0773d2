package org.svos.telemetry.gateway.bootstrap;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.svos.telemetry.gateway.bootstrap.BootstrapCommand.Listed;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A gateway that runs somewhere, asked by its REST API as its admin. */
final class AdminCalls implements AutoCloseable {

    private static final Duration ANSWER = Duration.ofSeconds(15);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final URI address;
    private final String token;
    private final Duration patience;

    private record Answer(int status, String body) {

        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JacksonException e) {
                return JSON.missingNode();
            }
        }

        /** What a person is told of an answer that is none of those expected. */
        String problem() {
            JsonNode problem = json();
            String detail = problem.path("detail").asString("");
            return status + " " + problem.path("code").asString("") + (detail.isEmpty() ? "" : ": " + detail)
                    + (problem.path("errors").isArray() ? " " + problem.path("errors") : "");
        }
    }

    /** The gateway there; what fails for want of an answer is tried again for so long. */
    AdminCalls(URI address, String token, Duration patience) {
        this.address = address;
        this.token = token;
        this.patience = patience;
    }

    void awaitReady() throws UnreachableException {
        Answer answer = call("GET", "/readyz", "");
        if (answer.status() != 200) {
            throw new UnreachableException(address + "/readyz answers " + answer.problem());
        }
    }

    /** Registers a database and its sandboxes; what is there already is left. What failed, for a person. */
    List<String> register(Listed database, PrintStream out) throws UnreachableException {
        Answer made = call("POST", "/api/v1/databases", database.form().toString());
        if (made.status() == 409) {
            out.println("database " + database.name() + ": was registered before, and is left as it is");
        } else if (made.status() != 201) {
            return List.of(made.problem());
        }
        List<String> faults = new ArrayList<>();
        for (String id : database.sandboxes()) {
            Answer answer = call(
                    "POST",
                    "/api/v1/databases/" + escaped(database.name()) + "/sandboxes",
                    JSON.createObjectNode().put("id", id).toString());
            if (answer.status() != 201 && answer.status() != 200) {
                faults.add("sandbox " + id + ": " + answer.problem());
            }
        }
        return faults;
    }

    /** What of a database is not as listed, for a person. */
    List<String> differences(Listed database) throws UnreachableException {
        Answer found = call("GET", "/api/v1/databases/" + escaped(database.name()), "");
        if (found.status() != 200) {
            return List.of(found.problem());
        }
        Set<String> registered = new HashSet<>();
        String more = "";
        do {
            Answer page =
                    call("GET", "/api/v1/databases/" + escaped(database.name()) + "/sandboxes?limit=500" + more, "");
            if (page.status() != 200) {
                return List.of(page.problem());
            }
            page.json()
                    .path("items")
                    .forEach(sandbox -> registered.add(sandbox.path("id").asString("")));
            String next = page.json().path("next").asString("");
            more = next.isEmpty() ? "" : "&after=" + escaped(next);
        } while (!more.isEmpty());
        return database.sandboxes().stream()
                .filter(id -> !registered.contains(id.toLowerCase(Locale.ROOT)))
                .map(id -> "sandbox " + id + " is not registered")
                .toList();
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** No answer, and the gateway's own faults, are tried again; every call here may be made twice. */
    private Answer call(String method, String path, String body) throws UnreachableException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            String why;
            try {
                Answer answer = send(method, path, body);
                if (answer.status() < 500) {
                    return answer;
                }
                why = answer.problem();
            } catch (IOException e) {
                why = e.toString();
            }
            if (System.nanoTime() > deadline) {
                throw new UnreachableException(address + path + " does not answer well: " + why);
            }
            pause();
        }
    }

    private static void pause() throws UnreachableException {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted");
        }
    }

    private Answer send(String method, String path, String body) throws IOException, UnreachableException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(ANSWER)
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted");
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
