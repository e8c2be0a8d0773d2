package org.svos.telemetry.gateway.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.intake.IntakeServer.Tenant;
import org.svos.telemetry.gateway.intake.RawConnection.Answer;

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
    void aConnectionMayBeKeptForAsManyBatchesAsItsHostLikes() throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            connection.post(tenant, "kept", BODY);
            for (int i = 0; i < 250; i++) {
                assertThat(connection.post(tenant, "kept", BODY)).isEqualTo(200);
            }
        }
    }

    @Test
    void aChunkedBodyIsTaken() throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(RawConnection.head(tenant, "chunked", "Transfer-Encoding: chunked")
                    + Integer.toHexString(BODY.length()) + "\r\n" + BODY + "\r\n0\r\n\r\n");
            assertThat(connection.answer().status()).isEqualTo(202);
        }
    }

    @Test
    void chunksThatAreNoneAreABadRequest() throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(RawConnection.head(tenant, "k", "Transfer-Encoding: chunked") + "zz\r\n" + BODY);
            assertMalformedAndClosed(connection);
        }
    }

    @Test
    void aBodyShorterThanAnnouncedIsMalformed() throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(RawConnection.head(tenant, "k", "Content-Length: " + (BODY.length() + 1)) + BODY);
            connection.finish();
            assertMalformedAndClosed(connection);
        }
    }

    private static void assertMalformedAndClosed(RawConnection connection) throws IOException {
        Answer answer = connection.answer();
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("\"malformed-body\"");
        assertThat(answer.headers()).containsEntry("connection", "close").containsKey("ratelimit");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void aClientThatWaitsForPermissionGetsIt() throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(
                    RawConnection.head(tenant, "expect", "Expect: 100-continue\r\nContent-Length: " + BODY.length()));
            assertThat(connection.answer().status()).isEqualTo(100);
            connection.send(BODY);
            assertThat(connection.answer().status()).isEqualTo(202);
        }
    }

    @Test
    void aSlowSenderIsCutOffAndUntilThenHoldsAPlaceThatOthersAreToldOf() throws IOException {
        try (RawConnection slow = new RawConnection(server);
                RawConnection other = new RawConnection(server)) {
            slow.send(RawConnection.head(tenant, "slow", "Content-Length: 100") + "{");
            assertThat(slow.answerWithin(500)).as("it has the only place").isNull();
            Answer refused = other.post(tenant, tenant.token(), "other", "application/json", BODY);
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.body()).contains("overloaded");
            assertThat(refused.headers()).containsKeys("retry-after", "ratelimit");

            Answer cut = null;
            for (int i = 0; cut == null && i < 30; i++) {
                slow.send(" ");
                cut = slow.answerWithin(300);
            }
            assertThat(cut).isNotNull().satisfies(answer -> {
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.body()).contains("malformed-body");
            });
        }
        try (RawConnection again = new RawConnection(server)) {
            assertThat(again.post(tenant, "again", BODY)).isEqualTo(202);
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
            try (RawConnection connection = new RawConnection(server)) {
                connection.send(request);
                connection.finish();
                Answer answer = connection.answer();
                assertThat(answer.status()).as("%s -> %s", request, answer).isNotEqualTo(500);
            }
        }
    }
}
