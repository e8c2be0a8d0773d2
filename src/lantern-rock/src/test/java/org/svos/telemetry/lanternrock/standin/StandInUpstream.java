package org.svos.telemetry.lanternrock.standin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Upstream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The stand-in on a free port, and its control paths over HTTP, for tests. */
public final class StandInUpstream implements Upstream, AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path data;
    private StandIn standIn;
    private final int port;

    public StandInUpstream(Path data) throws IOException {
        this.data = data;
        this.standIn = StandIn.start(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), data);
        this.port = standIn.uri().getPort();
    }

    @Override
    public URI uri() {
        return standIn.uri();
    }

    /** Stops it and starts it again at the same port, on the same files. */
    public void restart() throws IOException {
        stop();
        standIn = StandIn.start(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), data);
    }

    /** The lines of {@code GET /records} for a database. */
    public List<String> lines(String database) {
        return send("GET", "/records?database=" + database, "").body().lines().toList();
    }

    @Override
    public List<Arrived> arrived(String database) {
        return lines(database).stream().map(StandInUpstream::read).toList();
    }

    private static Arrived read(String line) {
        JsonNode record = JSON.readTree(line);
        JsonNode application = record.get("application");
        return new Arrived(
                record.get("sandbox").stringValue(),
                text(record, "host"),
                application.isNull() ? null : text(application, "name") + " " + text(application, "version"),
                text(record, "session"),
                record.get("kind").stringValue(),
                text(record, "name"),
                record.get("seq").longValue(),
                Instant.parse(record.get("time").stringValue()),
                payload(line));
    }

    /** The payload's text as it stands in the line: a tree would not keep the digits. */
    private static @Nullable String payload(String line) {
        String before = "\"payload\":";
        int from = line.indexOf(before) + before.length();
        String payload = line.substring(from, line.indexOf(",\"count\":", from));
        return payload.equals("null") ? null : payload;
    }

    private static @Nullable String text(JsonNode record, String member) {
        JsonNode value = record.get(member);
        return value.isNull() ? null : value.stringValue();
    }

    @Override
    public void answer(int status, @Nullable String retryAfter) {
        behave("{\"mode\":\"status\",\"status\":%d,\"retryAfter\":%s}"
                .formatted(status, retryAfter == null ? "null" : '"' + retryAfter + '"'));
    }

    @Override
    public void answerAfter(Duration delay) {
        behave("{\"mode\":\"slow\",\"delayMs\":%d}".formatted(delay.toMillis()));
    }

    @Override
    public void drop() {
        behave("{\"mode\":\"drop\"}");
    }

    @Override
    public void poison(String name) {
        behave("{\"mode\":\"poison\",\"name\":\"%s\"}".formatted(name));
    }

    /** Keep all but the records of that name, and say how many were rejected. */
    public void keepAllBut(String name) {
        behave("{\"mode\":\"partial\",\"name\":\"%s\"}".formatted(name));
    }

    @Override
    public void mend() {
        behave("{\"mode\":\"ok\"}");
    }

    /** Puts a behaviour, which must be a good one. */
    public void behave(String behaviour) {
        HttpResponse<String> answer = send("PUT", "/behaviour", behaviour);
        if (answer.statusCode() != 200) {
            throw new IllegalArgumentException(answer.body());
        }
    }

    HttpResponse<String> send(String method, String path, String body, String... headers) {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create(uri() + path))
                            .headers(Stream.concat(Stream.of("Content-Type", "application/json"), Stream.of(headers))
                                    .toArray(String[]::new))
                            .method(method, BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Stops it, so that nobody listens at its port. */
    public void stop() {
        standIn.close();
    }

    @Override
    public void close() {
        client.shutdownNow();
        stop();
    }
}
