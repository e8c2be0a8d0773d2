package org.svos.telemetry.loader.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** The port, of the loopback interface unless set: {@code /metrics}, {@code /health} and {@code /status}, read only. */
final class StatusServer implements AutoCloseable {

    private static final String TEXT = "text/plain; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private record Page(int status, String type, String text) {}

    /** Takes the port, and answers nothing yet: a port that is taken is to be known before anything is attached. */
    StatusServer(InetAddress address, int port) throws IOException {
        server = listen(new InetSocketAddress(address, port));
        server.setExecutor(threads);
    }

    /** Answers from now on. */
    void serve(Loader loader) {
        page("/metrics", () -> new Page(200, Metrics.CONTENT_TYPE, Metrics.of(loader)));
        page("/status", () -> new Page(200, TEXT, StatusText.of(loader)));
        page("/health", () -> health(loader));
        page("/", () -> new Page(404, TEXT, "there is /metrics, /health and /status\n"));
        server.start();
    }

    private static HttpServer listen(InetSocketAddress address) throws IOException {
        try {
            return HttpServer.create(address, 0);
        } catch (BindException e) {
            throw new IOException(
                    "cannot listen on " + address + " (settings http.address, http.port): " + e.getMessage(), e);
        }
    }

    private static Page health(Loader loader) {
        boolean late = loader.capture().lastDrainAge().compareTo(StatusText.LATE) > 0;
        return late ? new Page(503, TEXT, "the ring is not read\n") : new Page(200, TEXT, "ok\n");
    }

    private void page(String path, Supplier<Page> page) {
        server.createContext(path, exchange -> answer(exchange, path, page));
    }

    private static void answer(HttpExchange exchange, String path, Supplier<Page> supplier) throws IOException {
        try (exchange) {
            boolean get = exchange.getRequestMethod().equals("GET");
            boolean exact =
                    path.equals("/") || exchange.getRequestURI().getPath().equals(path);
            Page page = get && exact ? supplier.get() : new Page(get ? 404 : 405, TEXT, "");
            byte[] body = page.text().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", page.type());
            exchange.sendResponseHeaders(page.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** The port that it listens on. */
    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
