package org.svos.telemetry.gateway.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.intake.IntakeServer.Tenant;
import org.svos.telemetry.gateway.intake.RawConnection.Answer;

/** The limits of a batch where they are: what reaches one is taken, what is one over it is not. */
class IntakeLimitsTest {

    private static final String EVENT = "{\"seq\":1,\"kind\":\"session_end\",\"time\":\"2026-11-22T09:31:00Z\"}";
    private static final String BODY = "{\"events\":[" + EVENT + "]}";

    @TempDir
    private static Path data;

    private static IntakeServer server;
    private static Tenant tenant;

    @BeforeAll
    static void start() throws Exception {
        server = IntakeServer.start(
                data,
                "telemetry.intake.max-wire-size=2000B",
                "telemetry.intake.max-size=1900B",
                "telemetry.intake.max-events=20",
                "telemetry.intake.max-payload-size=30B",
                "telemetry.intake.max-payload-depth=3");
        tenant = server.tenant();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void onTheWire() throws IOException {
        assertThat(post(BODY + " ".repeat(2_000 - BODY.length())).body()).contains("\"limit\" : 1900");
        assertTooLarge(post(BODY + " ".repeat(2_001 - BODY.length())), 2_000, 2_001);
    }

    @Test
    void onTheWireInChunksWhoseSumNobodyHasTold() throws IOException {
        assertThat(postInChunks(1_900).status()).isEqualTo(202);
        assertTooLarge(postInChunks(2_001), 2_000, 2_001);
    }

    @Test
    void decompressed() throws IOException {
        assertThat(post(BODY + " ".repeat(1_900 - BODY.length())).status()).isEqualTo(202);
        assertTooLarge(post(BODY + " ".repeat(1_901 - BODY.length())), 1_900, 1_901);
    }

    @Test
    void inEvents() throws IOException {
        assertThat(post("{\"events\":[" + (EVENT + ",").repeat(19) + EVENT + "]}")
                        .status())
                .isEqualTo(202);
        assertTooLarge(post("{\"events\":[" + (EVENT + ",").repeat(20) + EVENT + "]}"), 20, 21);
    }

    @Test
    void ofAPayloadInBytes() throws IOException {
        assertTaken(withPayload("{\"a\":\"" + "x".repeat(22) + "\"}"));
        assertRejected(withPayload("{\"a\":\"" + "x".repeat(23) + "\"}"), "too-long", "over the limit of 30 bytes");
        assertTaken(withPayload('"' + "x".repeat(30) + '"'));
        assertRejected(withPayload('"' + "x".repeat(31) + '"'), "too-long", "over the limit of 30 bytes");
    }

    @Test
    void ofAPayloadInDepth() throws IOException {
        assertTaken(withPayload("{\"a\":{\"b\":{}}}"));
        assertRejected(withPayload("{\"a\":{\"b\":{\"c\":{}}}}"), "too-deep", "nested over 3 deep");
        assertTaken(withPayload("\"{a:{b:{c:{}}}}\""));
    }

    private static Answer withPayload(String payload) throws IOException {
        return post("{\"events\":[" + EVENT
                + ",{\"seq\":2,\"kind\":\"message\",\"name\":\"m\",\"time\":\"2026-11-22T09:31:00Z\",\"payload\":"
                + payload
                + "}]}");
    }

    private static void assertTaken(Answer answer) {
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.body()).contains("\"accepted\":2,\"rejected\":[]");
    }

    private static void assertRejected(Answer answer, String code, String detail) {
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.body())
                .contains("\"accepted\":1,\"rejected\":[{\"index\":1,\"code\":\"" + code + '"', detail);
    }

    private static Answer post(String body) throws IOException {
        try (RawConnection connection = new RawConnection(server)) {
            return connection.post(tenant, tenant.token(), UUID.randomUUID().toString(), "application/json", body);
        }
    }

    private static Answer postInChunks(int bytes) throws IOException {
        String body = BODY + " ".repeat(bytes - BODY.length());
        try (RawConnection connection = new RawConnection(server)) {
            connection.send(RawConnection.head(tenant, UUID.randomUUID().toString(), "Transfer-Encoding: chunked"));
            for (int i = 0; i < bytes; i += 100) {
                String chunk = body.substring(i, Math.min(bytes, i + 100));
                connection.send(Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n");
            }
            connection.send("0\r\n\r\n");
            return connection.answer();
        }
    }

    private static void assertTooLarge(Answer answer, int limit, int actual) {
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body())
                .contains("\"batch-too-large\"", "\"limit\" : " + limit + ",", "\"actual\" : " + actual + "\n}");
    }
}
