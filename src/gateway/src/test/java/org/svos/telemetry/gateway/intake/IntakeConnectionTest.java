package org.svos.telemetry.gateway.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.intake.IntakeServer.Tenant;

/** What becomes of the connection, and of clients that do not keep to HTTP, or to any pace. */
class IntakeConnectionTest {

    private static final String EVENT = "{\"seq\":1,\"kind\":\"session_end\",\"time\":\"2026-11-22T09:31:00Z\"}";
    private static final String BODY = "{\"events\":[" + EVENT + "]}";

    @TempDir
    private static Path data;

    private static IntakeServer server;
    private static Tenant tenant;

    @BeforeAll
    static void start() throws Exception {
        server = IntakeServer.start(data, "telemetry.intake.concurrent-requests=1", "telemetry.intake.body-timeout=2s");
        tenant = server.tenant();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aConnectionSurvivesTheRefusalsThatAHostMeets() throws IOException {
        try (Connection connection = new Connection()) {
            String token = tenant.token();
            assertThat(connection.post("wrong", "k", "application/json", BODY).status())
                    .isEqualTo(401);
            assertThat(connection.post(token, "k", "text/plain", BODY).status()).isEqualTo(415);
            assertThat(connection.post(token, "a", "application/json", BODY).status())
                    .isEqualTo(202);
            assertThat(connection.post(token, "a", "application/json", BODY).status())
                    .isEqualTo(200);
            assertThat(connection
                            .post(token, "a", "application/json", BODY + " ")
                            .status())
                    .isEqualTo(422);
            assertThat(connection.post(token, "b", "application/json", BODY).status())
                    .isEqualTo(202);
        }
    }

    @Test
    void aConnectionSurvivesBeingOverTheQuota() throws Exception {
        Tenant poor = server.tenant(1_000_000, 1, 1, "enforce");
        try (Connection connection = new Connection()) {
            connection.use(poor);
            assertThat(connection
                            .post(poor.token(), "a", "application/json", BODY)
                            .status())
                    .isEqualTo(202);
            assertThat(connection
                            .post(poor.token(), "b", "application/json", BODY)
                            .status())
                    .isEqualTo(429);
            assertThat(connection
                            .post(poor.token(), "a", "application/json", BODY)
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aChunkedBodyIsTaken() throws IOException {
        try (Connection connection = new Connection()) {
            connection.send(head(tenant, "chunked", "Transfer-Encoding: chunked") + chunked(BODY));
            assertThat(connection.answer().status()).isEqualTo(202);
        }
    }

    @Test
    void chunksThatAreNoneAreABadRequest() throws IOException {
        try (Connection connection = new Connection()) {
            connection.send(head(tenant, "k", "Transfer-Encoding: chunked") + "zz\r\n" + BODY);
            assertThat(connection.answer().status()).isEqualTo(400);
        }
    }

    @Test
    void aBodyShorterThanAnnouncedIsMalformed() throws IOException {
        try (Connection connection = new Connection()) {
            connection.send(head(tenant, "k", "Content-Length: " + (BODY.length() + 1)) + BODY);
            connection.socket.shutdownOutput();
            assertThat(connection.answer().status()).isEqualTo(400);
        }
    }

    @Test
    void aClientThatWaitsForPermissionGetsItOrTheRefusal() throws IOException {
        try (Connection connection = new Connection()) {
            connection.send(head(tenant, "expect", "Expect: 100-continue\r\nContent-Length: " + BODY.length()));
            assertThat(connection.answer().status()).isEqualTo(100);
            connection.send(BODY);
            assertThat(connection.answer().status()).isEqualTo(202);
        }
    }

    @Test
    void aSlowSenderIsCutOffAndUntilThenHoldsAPlaceThatOthersAreToldOf() throws IOException {
        try (Connection slow = new Connection();
                Connection other = new Connection()) {
            slow.send(head(tenant, "slow", "Content-Length: 100") + "{");
            assertThat(slow.answerWithin(500)).as("it has the only place").isNull();
            Answer refused = other.post(tenant.token(), "other", "application/json", BODY);
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.body()).contains("overloaded");
            assertThat(refused.headers()).containsKeys("retry-after", "ratelimit");

            long start = System.nanoTime();
            Answer cut = null;
            while (cut == null) {
                slow.send(" ");
                cut = slow.answerWithin(300);
                assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
            }
            assertThat(cut.status()).isEqualTo(400);
            assertThat(cut.body()).contains("malformed-body");
        }
        try (Connection again = new Connection()) {
            assertThat(again.post(tenant.token(), "again", "application/json", BODY)
                            .status())
                    .isEqualTo(202);
        }
    }

    @Test
    void aDrainingGatewayRefusesAndSaysSo() throws Exception {
        try (IntakeServer stopping = IntakeServer.start(data.resolve("stopping"))) {
            Tenant there = stopping.tenant();
            stopping.bean(Capacity.class).drain();

            IntakeServer.Reply reply = stopping.post(
                    stopping.batches(there.sandbox())
                            .header("Authorization", "Bearer " + there.token())
                            .header("Content-Type", "application/json")
                            .header("Idempotency-Key", "k"),
                    BODY.getBytes(ISO_8859_1));

            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.code()).isEqualTo("draining");
            assertThat(reply.header("Retry-After")).isNotEmpty();
        }
    }

    @Test
    void whateverAClientSendsIsNever500() throws IOException {
        Arbitrary<String> headers = Arbitraries.of(
                        "Content-Type: application/json",
                        "Content-Type: ;;;",
                        "Content-Type: application/json; charset=\"",
                        "Content-Encoding: zstd",
                        "Content-Encoding: gzip",
                        "Content-Encoding: gzip, gzip",
                        "Idempotency-Key: k",
                        "Idempotency-Key: \"\"",
                        "Idempotency-Key: \u00e9",
                        "Authorization: Bearer",
                        "Authorization: Bearer " + tenant.token(),
                        "Authorization: Bearer " + tenant.token(),
                        "Authorization: Bearer \u00ff",
                        "Transfer-Encoding: gzip",
                        "Transfer-Encoding: chunked",
                        "Content-Length: 7",
                        "Content-Length: -1",
                        "Content-Length: 99999999999",
                        "Expect: nothing",
                        "Range: bytes=0-1",
                        "If-Match: *")
                .list()
                .ofMaxSize(7)
                .map(list -> String.join("\r\n", list));
        Arbitrary<String> ids = Arbitraries.oneOf(
                Arbitraries.of(tenant.sandbox(), "%30", "..", "%2e%2e", "%00", "a;b=c", "%zz", "", "\u00e9", "//"),
                Arbitraries.strings().alpha().ofMaxLength(40));
        Arbitrary<String> bodies = Arbitraries.oneOf(
                Arbitraries.of("", BODY, "{", "7\r\n{\"a\":1}\r\n0\r\n\r\n", "\u001f\u008b\u0008", "(\u00b5/\u00fd"),
                Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(50));
        for (int i = 0; i < 400; i++) {
            String method = i % 10 == 0 ? "PUT" : "POST";
            String request = method + " /api/v1/sandboxes/" + ids.sample() + "/batches HTTP/1.1\r\nHost: h\r\n"
                    + headers.sample() + "\r\nConnection: close\r\n\r\n" + bodies.sample();
            try (Connection connection = new Connection()) {
                connection.send(request);
                connection.socket.shutdownOutput();
                Answer answer = connection.answer();
                assertThat(answer.status()).as("%s -> %s", request, answer).isNotEqualTo(500);
            }
        }
    }

    private static String head(Tenant tenant, String key, String more) {
        return "POST /api/v1/sandboxes/" + tenant.sandbox() + "/batches HTTP/1.1\r\nHost: h\r\n"
                + "Authorization: Bearer " + tenant.token() + "\r\nIdempotency-Key: " + key
                + "\r\nContent-Type: application/json\r\n" + more + "\r\n\r\n";
    }

    private static String chunked(String body) {
        return Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";
    }

    private record Answer(int status, Map<String, String> headers, String body) {}

    /** One connection, without a client library that would mend it behind the test's back. */
    private static final class Connection implements AutoCloseable {

        private final Socket socket;
        private final InputStream in;
        private Tenant tenant = IntakeConnectionTest.tenant;

        Connection() throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
            socket.setSoTimeout(15_000);
            in = new BufferedInputStream(socket.getInputStream());
        }

        void use(Tenant other) {
            tenant = other;
        }

        Answer post(String token, String key, String type, String body) throws IOException {
            send("POST /api/v1/sandboxes/" + tenant.sandbox() + "/batches HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer "
                    + token + "\r\nIdempotency-Key: " + key + "\r\nContent-Type: " + type + "\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body);
            return answer();
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
        }

        @Nullable
        Answer answerWithin(int millis) throws IOException {
            socket.setSoTimeout(millis);
            try {
                in.mark(1);
                if (in.read() < 0) {
                    throw new IOException("closed without an answer");
                }
                in.reset();
                return answer();
            } catch (SocketTimeoutException e) {
                return null;
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
}
