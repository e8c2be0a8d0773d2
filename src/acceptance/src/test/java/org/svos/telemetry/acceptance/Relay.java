package org.svos.telemetry.acceptance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** Stands between a client and the gateway, and does what networks do, and what else may listen at an address. */
final class Relay implements AutoCloseable {

    /** What is done with each connection. */
    enum Way {
        /** Bytes go both ways. */
        OPEN,
        /** Cut within the request's head; the gateway hears nothing of it. */
        CUT_IN_THE_REQUEST,
        /** The gateway has the request and has answered; the answer is cut off before its first byte. */
        CUT_BEFORE_THE_ANSWER,
        /** A page for people, as of a captive portal. */
        A_PAGE_FOR_PEOPLE,
        /** Another protocol. */
        NO_HTTP,
        /** Takes the request, and says nothing. */
        SILENT
    }

    private static final int CHUNK = 16 * 1024;
    /** Of a request no more comes for so long: it is complete. */
    private static final int QUIET_MILLIS = 200;

    private final ServerSocket server;
    private final String scheme;
    private final int gatewayPort;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Way way = Way.OPEN;

    /** One that speaks HTTP. */
    Relay(Gateway gateway) {
        this(gateway, "http", ServerSocketFactory.getDefault());
    }

    /** One that speaks what these sockets do. */
    Relay(Gateway gateway, String scheme, ServerSocketFactory sockets) {
        this.scheme = scheme;
        this.gatewayPort = URI.create(gateway.url()).getPort();
        try {
            server = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::accept);
    }

    String url() {
        return scheme + "://127.0.0.1:" + server.getLocalPort();
    }

    /** From now on; connections that are kept are closed. */
    void go(Way other) {
        way = other;
        open.forEach(Relay::closeQuietly);
    }

    private void accept() {
        while (!server.isClosed()) {
            Socket client = next();
            if (client != null) {
                threads.execute(() -> serve(client));
            }
        }
    }

    /** Null if it was closed. */
    private @Nullable Socket next() {
        try {
            return server.accept();
        } catch (IOException e) {
            return null;
        }
    }

    private void serve(Socket client) {
        open.add(client);
        try (client) {
            switch (way) {
                case OPEN -> pass(client);
                case CUT_IN_THE_REQUEST -> {
                    client.getInputStream().readNBytes(100);
                    // Resets it, as what lies between does that has forgotten the connection.
                    client.setSoLinger(true, 0);
                }
                case CUT_BEFORE_THE_ANSWER -> cutBeforeTheAnswer(client);
                case A_PAGE_FOR_PEOPLE -> {
                    request(client);
                    String page = "<html><body>Please log in to use this network.</body></html>";
                    answer(
                            client,
                            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " + page.length()
                                    + "\r\n\r\n" + page);
                }
                case NO_HTTP -> {
                    request(client);
                    answer(client, "220 mail.example.org ESMTP\r\n");
                }
                case SILENT -> client.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException e) {
            // The client gave up, which is what some of these ways make it do.
            return;
        } finally {
            open.remove(client);
        }
    }

    private void pass(Socket client) throws IOException {
        try (Socket gateway = new Socket(InetAddress.getLoopbackAddress(), gatewayPort)) {
            threads.execute(() -> {
                try (client) {
                    gateway.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException e) {
                    closeQuietly(gateway);
                }
            });
            client.getInputStream().transferTo(gateway.getOutputStream());
        }
    }

    private void cutBeforeTheAnswer(Socket client) throws IOException {
        try (Socket gateway = new Socket(InetAddress.getLoopbackAddress(), gatewayPort)) {
            gateway.getOutputStream().write(request(client));
            if (gateway.getInputStream().read() < 0) {
                throw new IOException("the gateway did not answer");
            }
        }
    }

    /** All that comes until it is quiet. */
    private static byte[] request(Socket client) throws IOException {
        client.setSoTimeout(QUIET_MILLIS);
        InputStream in = client.getInputStream();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK];
        try {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                all.write(chunk, 0, read);
            }
            return all.toByteArray();
        } catch (SocketTimeoutException e) {
            return all.toByteArray();
        }
    }

    private static void answer(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().flush();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(Relay::closeQuietly);
        threads.close();
    }
}
