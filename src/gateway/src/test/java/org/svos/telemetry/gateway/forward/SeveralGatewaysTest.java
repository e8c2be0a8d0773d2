package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.store.TestServer;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;
import tools.jackson.databind.JsonNode;

/** Whole gateways on one PostgreSQL: whichever is asked, there is one answer. */
class SeveralGatewaysTest {

    private static final Duration EVERYWHERE = Duration.ofSeconds(2);

    @TempDir
    Path data;

    private final List<RunningGateway> gateways = new ArrayList<>();
    private StandInUpstream standIn;

    @BeforeEach
    void start() throws Exception {
        standIn = new StandInUpstream(data.resolve("lantern-rock"));
        String[] settings = settings(TestServer.bareDatabase()).toArray(String[]::new);
        for (int i = 0; i < 2; i++) {
            gateways.add(RunningGateway.start(data.resolve("gateway-" + i), settings));
        }
    }

    /** Those of gateways that share that database. */
    List<String> settings(String database) {
        return List.of(
                "telemetry.store=postgresql",
                "telemetry.postgresql.url=" + TestServer.url(database),
                "telemetry.postgresql.user=" + TestServer.USER,
                "telemetry.lantern-rock.url=" + standIn.uri());
    }

    @AfterEach
    void stop() {
        gateways.forEach(RunningGateway::close);
        standIn.close();
    }

    private static void await(Duration within, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + within.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @Test
    void whatIsRegisteredAndRevokedAtOneHoldsAtTheOtherAndAllIsDeliveredOnce() throws Exception {
        RunningGateway one = gateways.get(0);
        RunningGateway two = gateways.get(1);
        Registered lab = Registered.in(one);
        String sandbox = lab.sandbox();
        String token = lab.hostToken();
        Registered labAtTwo = lab.at(two);
        await(EVERYWHERE, () -> labAtTwo.post(token, sandbox, "first", 1).status() == 202);
        int batches = 40;
        for (int i = 0; i < batches; i++) {
            Registered at = i % 2 == 0 ? lab : labAtTwo;
            assertThat(at.post(token, sandbox, "k" + i, 2).status()).isEqualTo(202);
            assertThat((i % 2 == 0 ? labAtTwo : lab)
                            .post(token, sandbox, "k" + i, 2)
                            .status())
                    .isEqualTo(200);
        }
        await(Duration.ofSeconds(20), () -> standIn.arrived(lab.name()).size() == 1 + 2 * batches);
        for (RunningGateway gateway : gateways) {
            await(Duration.ofSeconds(5), () -> ledger(gateway).get("waiting").asLong() == 0);
            JsonNode ledger = ledger(gateway);
            assertThat(ledger.get("delivered").asLong()).isEqualTo(1 + 2 * batches);
            assertThat(ledger.get("imbalance").asLong()).isZero();
        }
        for (String path : List.of("/ledger", "/usage", "/diagnosis")) {
            JsonNode atOne = one.admin("GET", lab.path() + path, null).json();
            JsonNode atTwo = two.admin("GET", lab.path() + path, null).json();
            for (String part : List.of("accepted", "points", "lane", "backlog", "rejected")) {
                assertThat(String.valueOf(atTwo.get(part))).isEqualTo(String.valueOf(atOne.get(part)));
            }
        }

        String id = tokenId(two, token);
        assertThat(two.admin("DELETE", "/api/v1/tokens/" + id, null).status()).isEqualTo(204);
        assertThat(labAtTwo.post(token, sandbox, "late", 1).status()).isEqualTo(401);
        await(EVERYWHERE, () -> lab.post(token, sandbox, "late", 1).status() == 401);
        // The late one may have been accepted before that was known, and be on its way.
        await(Duration.ofSeconds(5), () -> one.admin("DELETE", lab.path(), null).status() == 204);
        await(EVERYWHERE, () -> two.admin("GET", lab.path(), null).status() == 404);
    }

    @Test
    void whatOneHasAcceptedIsDeliveredByTheOtherWhenItStops() throws Exception {
        Registered lab = Registered.in(gateways.get(0));
        List<Registered> others = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            others.add(Registered.in(gateways.get(0)));
        }
        others.add(lab);
        for (Registered each : others) {
            assertThat(each.post(each.hostToken(), each.sandbox(), "k", 3).status())
                    .isEqualTo(202);
        }
        gateways.removeFirst().close();
        await(
                Duration.ofSeconds(10),
                () -> others.stream()
                        .allMatch(each -> standIn.arrived(each.name()).size() == 3));
        await(
                Duration.ofSeconds(5),
                () -> ledger(gateways.getFirst()).get("waiting").asLong() == 0);
        assertThat(ledger(gateways.getFirst()).get("imbalance").asLong()).isZero();
    }

    private static JsonNode ledger(RunningGateway gateway) {
        return gateway.admin("GET", "/api/v1/ledger", null).json();
    }

    /** That of the last token that was made. */
    private static String tokenId(RunningGateway gateway, String secret) {
        JsonNode items = gateway.admin("GET", "/api/v1/tokens", null).json().get("items");
        assertThat(secret).isNotEmpty();
        return items.get(items.size() - 1).get("id").asString();
    }
}
