package org.svos.telemetry.lanternrock;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A server that reads requests and writes whatever it is told to, byte by byte if need be. */
public final class RawServer implements AutoCloseable {

    /** What to write; an exception or a return of false closes the connection. */
    @FunctionalInterface
    public interface Script {
        boolean answer(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    /**
     * A request that was read whole.
     *
     * @param number from 1, of all that came
     * @param head request line and header lines, with names in lower case
     * @param peer who showed a certificate; null for nobody
     */
    public record Request(
            int number, List<String> head, @Nullable Principal peer) {

        public @Nullable String header(String name) {
            return head.stream()
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .findFirst()
                    .orElse(null);
        }
    }

    /** A body with its type. */
    public record Content(String type, String text) {}

    private final ServerSocket socket;
    private final Script script;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    private RawServer(ServerSocket socket, Script script) {
        this.socket = socket;
        this.script = script;
        threads.execute(this::accept);
    }

    public static RawServer start(Script script) throws IOException {
        return new RawServer(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")), script);
    }

    /** One that speaks TLS and asks for a certificate. */
    public static RawServer start(SSLContext tls, Script script) throws IOException {
        var socket = (SSLServerSocket)
                tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        socket.setNeedClientAuth(true);
        return new RawServer(socket, script);
    }

    /** Always the same answer. */
    public static Script always(int status, Content content, String... headers) {
        return (request, out) -> {
            write(out, status, content, headers);
            return true;
        };
    }

    /** Writes a whole answer. */
    public static void write(OutputStream out, int status, Content content, String... headers) throws IOException {
        byte[] body = content.text().getBytes(StandardCharsets.ISO_8859_1);
        String head = "HTTP/1.1 " + status + " x\r\nContent-Type: " + content.type() + "\r\nContent-Length: "
                + body.length + "\r\n"
                + String.join(
                        "", List.of(headers).stream().map(line -> line + "\r\n").toList()) + "\r\n";
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
    }

    public URI uri() {
        return URI.create(
                (socket instanceof SSLServerSocket ? "https" : "http") + "://127.0.0.1:" + socket.getLocalPort());
    }

    public int connections() {
        return connections.get();
    }

    public List<Request> requests() {
        return requests;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                connection.setTcpNoDelay(true);
                open.add(connection);
                connections.incrementAndGet();
                threads.execute(() -> serve(connection));
            } catch (IOException e) {
                // The test is over.
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            var in = new BufferedInputStream(connection.getInputStream());
            var out = new BufferedOutputStream(connection.getOutputStream());
            Request request = read(in, peer(connection));
            while (request != null && script.answer(request, out)) {
                out.flush();
                request = read(in, peer(connection));
            }
            out.flush();
        } catch (IOException e) {
            // The other side has gone, or never came to terms.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static @Nullable Principal peer(Socket connection) {
        try {
            return connection instanceof SSLSocket tls ? tls.getSession().getPeerPrincipal() : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    private @Nullable Request read(InputStream in, @Nullable Principal peer) throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            boolean isHttp = head.size() > 0 || Character.isUpperCase(next);
            if (next < 0 || !isHttp) {
                return null;
            }
            head.write(next);
        }
        List<String> lines = head.toString(StandardCharsets.ISO_8859_1)
                .lines()
                .map(line -> {
                    int colon = line.indexOf(": ");
                    return colon < 0 ? line : line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon);
                })
                .toList();
        var request = new Request(requests.size() + 1, lines, peer);
        String length = request.header("content-length");
        in.skipNBytes(length == null ? 0 : Long.parseLong(length));
        requests.add(request);
        return request;
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : open) {
            connection.close();
        }
        threads.shutdownNow();
        threads.close();
    }
}
