package org.svos.telemetry.gateway.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.intake.IntakeServer.Tenant;

/** One connection to the intake, without a client library that would mend it behind the test's back. */
final class RawConnection implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 15_000;

    private final Socket socket;
    private final InputStream in;

    RawConnection(IntakeServer server) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** An answer, with the names of its headers in lower case. */
    record Answer(int status, Map<String, String> headers, String body) {}

    /** The head of a good request, but for what {@code more} says of its body. */
    static String head(Tenant tenant, String key, String more) {
        return head(tenant, tenant.token(), key, "application/json", more);
    }

    private static String head(Tenant tenant, String token, String key, String type, String more) {
        return "POST /api/v1/sandboxes/" + tenant.sandbox() + "/batches HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer "
                + token + "\r\nIdempotency-Key: " + key + "\r\nContent-Type: " + type + "\r\n" + more + "\r\n\r\n";
    }

    int post(Tenant tenant, String key, String body) throws IOException {
        return post(tenant, tenant.token(), key, "application/json", body).status();
    }

    Answer post(Tenant tenant, String token, String key, String type, String body) throws IOException {
        send(head(tenant, token, key, type, "Content-Length: " + body.length()) + body);
        return answer();
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Says that nothing more will be sent. */
    void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** The answer, or null if none comes in that time. */
    @Nullable
    Answer answerWithin(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            in.mark(1);
            if (in.read() < 0) {
                throw new IOException("closed without an answer");
            }
            in.reset();
        } catch (SocketTimeoutException e) {
            return null;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
        return answer();
    }

    /** Whether the server has closed it, and said nothing more. */
    boolean isClosed() {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // reset: it was closed with something unread
        }
    }

    Answer answer() throws IOException {
        int status = Integer.parseInt(line().split(" ", -1)[1]);
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Answer(status, headers, new String(in.readNBytes(length), ISO_8859_1));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("closed within a line: " + line);
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
