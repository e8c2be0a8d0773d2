package org.svos.telemetry.gateway.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.intake.IntakeServer.Tenant;
import org.svos.telemetry.gateway.intake.RawConnection.Answer;

/** What a stop does to batches. */
class IntakeShutdownTest {

    private static final String BODY =
            "{\"events\":[{\"seq\":1,\"kind\":\"session_end\",\"time\":\"2026-11-22T09:31:00Z\"}]}";

    @TempDir
    private Path data;

    @Test
    void whatHasBegunIsFinishedAndIsThereAfterTheRestart() throws Exception {
        Tenant tenant;
        try (IntakeServer server = IntakeServer.start(data)) {
            tenant = server.tenant();
            try (RawConnection begun = new RawConnection(server)) {
                begun.send(RawConnection.head(tenant, "k", "Content-Length: " + BODY.length()) + BODY.charAt(0));
                assertThat(begun.answerWithin(500)).isNull();

                Thread stop = Thread.ofPlatform().start(server::close);
                Capacity capacity = server.capacity();
                while (!capacity.isDraining()) {
                    Thread.sleep(10);
                }
                assertThat(begun.answerWithin(500)).isNull();
                begun.send(BODY.substring(1));

                assertThat(begun.answer().status()).isEqualTo(202);
                stop.join(20_000);
                assertThat(stop.isAlive()).isFalse();
            }
        }
        try (IntakeServer server = IntakeServer.start(data);
                RawConnection again = new RawConnection(server)) {
            assertThat(again.post(tenant, "k", BODY)).isEqualTo(200);
        }
    }

    @Test
    void whatComesWhileTheGatewayStopsIsRefused() throws Exception {
        try (IntakeServer server = IntakeServer.start(data)) {
            Tenant tenant = server.tenant();
            server.capacity().drain();

            try (RawConnection connection = new RawConnection(server)) {
                Answer answer = connection.post(tenant, tenant.token(), "k", "application/json", BODY);
                assertDraining(answer);
            }
        }
    }

    @Test
    void theDoorsStayOpenForAWhileSoThatHostsHearOfIt() throws Exception {
        try (IntakeServer server = IntakeServer.start(data, "telemetry.intake.drain-time=3s")) {
            Tenant tenant = server.tenant();
            try (RawConnection kept = new RawConnection(server)) {
                assertThat(kept.post(tenant, "before", BODY)).isEqualTo(202);
                Thread stop = Thread.ofPlatform().start(server::close);
                while (!server.capacity().isDraining()) {
                    Thread.sleep(10);
                }

                assertDraining(kept.post(tenant, tenant.token(), "k", "application/json", BODY));
                assertDraining(kept.post(tenant, tenant.token(), "k", "application/json", BODY));
                try (RawConnection fresh = new RawConnection(server)) {
                    assertDraining(fresh.post(tenant, tenant.token(), "k", "application/json", BODY));
                    fresh.send("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
                    assertThat(fresh.answer().status()).isEqualTo(503);
                }
                stop.join(20_000);
                assertThat(stop.isAlive()).isFalse();
            }
        }
    }

    private static void assertDraining(Answer answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("\"draining\"");
        assertThat(answer.headers()).containsKeys("retry-after", "ratelimit");
    }
}
