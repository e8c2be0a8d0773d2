package org.svos.telemetry.loader.upload;

import com.github.luben.zstd.ZstdInputStream;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.svos.telemetry.event.BatchLimits;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Reading;

/** A gateway that answers as it is told and keeps what it was sent; it reads bodies as the real one does. */
public final class FakeGateway implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Post> posts = new CopyOnWriteArrayList<>();
    private volatile Function<Post, Reply> behaviour = FakeGateway::accept;

    /** One post as it came. */
    public record Post(
            String sandbox, Map<String, String> headers, BatchSummary summary, List<Event> events, Reply reply) {

        /** The key without its quotes. */
        public String key() {
            return headers.getOrDefault("Idempotency-key", "").replace("\"", "");
        }
    }

    /** What it answers. */
    public record Reply(int status, Map<String, String> headers, String body) {

        public static Reply problem(int status, String code) {
            return new Reply(status, Map.of(), "{\"code\":\"" + code + "\",\"detail\":\"because\"}");
        }

        public Reply with(String header, String value) {
            return new Reply(status, Map.of(header, value), body);
        }
    }

    /** Listens on a free port. */
    public FakeGateway() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/api/v1/sandboxes/", this::handle);
        server.start();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Answers so from now on. */
    public void behave(Function<Post, Reply> how) {
        behaviour = how;
    }

    /** 202, all accepted. */
    public static Reply accept(Post post) {
        return new Reply(
                202,
                Map.of(),
                "{\"batch\":\"" + post.key() + "\",\"accepted\":"
                        + post.events().size() + ",\"rejected\":[]}");
    }

    /** Every post, in the order in which they were answered. */
    public List<Post> posts() {
        return posts;
    }

    /** The posts that were accepted. */
    public List<Post> accepted() {
        return posts.stream().filter(post -> post.reply().status() == 202).toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String[] path = exchange.getRequestURI().getPath().split("/", -1);
            byte[] body = exchange.getRequestBody().readAllBytes();
            List<Event> events = new ArrayList<>();
            Reading reading = new BatchReader(BatchLimits.CONTRACT)
                    .read(new ZstdInputStream(new ByteArrayInputStream(body)), (index, event) -> events.add(event));
            if (!(reading instanceof Reading.Read read)) {
                throw new IOException("the body is no batch: " + reading);
            }
            Map<String, String> headers = new HashMap<>();
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
            Post post = new Post(path[4], headers, read.summary(), events, new Reply(0, Map.of(), ""));
            Reply reply = behaviour.apply(post);
            posts.add(new Post(post.sandbox(), headers, read.summary(), events, reply));
            reply.headers().forEach(exchange.getResponseHeaders()::set);
            byte[] answer = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(reply.status(), answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
