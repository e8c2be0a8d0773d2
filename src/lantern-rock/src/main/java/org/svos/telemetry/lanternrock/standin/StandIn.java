package org.svos.telemetry.lanternrock.standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Lantern Rock's stand-in: the API of {@code openapi.yaml}, with records kept in NDJSON files. It has a second door, for OTLP logs,
 * to the same files.
 *
 * <p>It may be closed and started again on the same folder at any time; after a crash, what it had answered is there.
 */
public final class StandIn implements AutoCloseable {

    static {
        // Without it an answer in two packets waits 40 ms for the client's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final Archive archive;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private StandIn(InetSocketAddress address, Path data) throws IOException {
        this.archive = new Archive(data);
        try {
            this.server = HttpServer.create(address, 0);
        } catch (IOException e) {
            archive.close();
            throw e;
        }
        var control = new ControlRoutes(archive);
        var deliveries = new DeliveryRoute(archive, control::behaviour);
        var otlp = new OtlpRoute(archive, control::behaviour);
        server.setExecutor(threads);
        route("/v1/databases/", deliveries::handle);
        route("/v1/logs", otlp::handle);
        route("/records", control::records);
        route("/behaviour", control::behaviour);
        route("/openapi.yaml", control::openApi);
        route("/health", control::health);
        route("/", exchange -> {
            throw new HttpFault(
                    404, "there is nothing at " + exchange.getRequestURI().getPath());
        });
    }

    /**
     * Starts one.
     *
     * @param address with port 0 for any that is free
     * @param data the folder of its files, made if it is not there
     * @throws IOException if the address is taken or the folder cannot be used
     */
    public static StandIn start(InetSocketAddress address, Path data) throws IOException {
        var standIn = new StandIn(address, data);
        standIn.server.start();
        return standIn;
    }

    /** Where it listens: the base address of the port. */
    public URI uri() {
        InetSocketAddress address = server.getAddress();
        return URI.create("http://" + address.getHostString() + ":" + address.getPort());
    }

    /** Stops at once; requests under way are broken off. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        threads.close();
        archive.close();
    }

    @FunctionalInterface
    interface Route {
        void handle(HttpExchange exchange) throws IOException, HttpFault, InterruptedException;
    }

    private void route(String path, Route route) {
        server.createContext(path, exchange -> {
            try (exchange) {
                answer(exchange, route);
            }
        });
    }

    private static void answer(HttpExchange exchange, Route route) throws IOException {
        try {
            route.handle(exchange);
        } catch (HttpFault fault) {
            Answers.problem(exchange, fault);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
