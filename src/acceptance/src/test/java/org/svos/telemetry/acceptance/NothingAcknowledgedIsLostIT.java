package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A 202 is a promise: whatever happens to the gateway or to Lantern Rock, each of its events is delivered once. */
class NothingAcknowledgedIsLostIT {

    private static final Duration DELIVERY = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void lanternRockMayBeDownAndIntakeGoesOn() {
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(folder, lanternRock)) {
            Registered database = gateway.register("down");
            lanternRock.stop();

            assertThat(database.post(Registered.messages(1, 50)).status()).isEqualTo(202);
            assertThat(database.post(Registered.messages(51, 50)).status()).isEqualTo(202);

            assertThat(gateway.ledger("down").path("waiting").asLong()).isEqualTo(100);
            assertThat(Http.get(gateway.url() + "/readyz", Map.of()).status()).isEqualTo(200);

            lanternRock.startAgain();
            assertDeliveredOnce(lanternRock, database, 100);
            assertSettled(gateway, database, 100);
        }
    }

    @Test
    void lanternRockMayFailOrKeepWhatItNeverAnswered() {
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(folder, lanternRock)) {
            Registered database = gateway.register("failing");

            lanternRock.behave("{\"mode\": \"status\", \"status\": 503, \"retryAfter\": 1}");
            assertThat(database.post(Registered.messages(1, 10)).status()).isEqualTo(202);
            Eventually.within(
                    DELIVERY, () -> assertThat(upstreamRequests(gateway)).isPositive());

            lanternRock.behave("{\"mode\": \"drop\"}");
            assertThat(database.post(Registered.messages(11, 10)).status()).isEqualTo(202);
            Eventually.within(
                    DELIVERY, () -> assertThat(lanternRock.records("failing")).isNotEmpty());

            lanternRock.behave("{\"mode\": \"ok\"}");
            assertDeliveredOnce(lanternRock, database, 20);
            assertSettled(gateway, database, 20);
        }
    }

    @ParameterizedTest(name = "Lantern Rock at the kill: {0}")
    @ValueSource(
            strings = {
                // It has nothing of the batches.
                "{\"mode\": \"status\", \"status\": 503, \"retryAfter\": 60}",
                // It has kept the first, and its answer does not come.
                "{\"mode\": \"slow\", \"delayMs\": 30000}"
            })
    void aGatewayKilledBetweenAnswerAndDeliveryDeliversOnceAfterItsRestart(String behaviour) {
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(folder, lanternRock)) {
            Registered database = gateway.register("killed");
            lanternRock.behave(behaviour);
            assertThat(database.post("first", Registered.messages(1, 10)).status())
                    .isEqualTo(202);
            assertThat(database.post("second", Registered.messages(11, 10)).status())
                    .isEqualTo(202);

            gateway.kill();
            lanternRock.behave("{\"mode\": \"ok\"}");
            gateway.startAgain();

            assertDeliveredOnce(lanternRock, database, 20);
            assertSettled(gateway, database, 20);
            assertThat(database.post("first", Registered.messages(1, 10)).status())
                    .as("the key is remembered over the kill")
                    .isEqualTo(200);
        }
    }

    private static long upstreamRequests(Gateway gateway) {
        return Http.get(gateway.managementUrl() + "/actuator/prometheus", Map.of())
                .body()
                .lines()
                .filter(line -> line.startsWith("telemetry_upstream_requests_total"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static void assertDeliveredOnce(LanternRockStandIn lanternRock, Registered database, int events) {
        List<Long> expected = LongStream.rangeClosed(1, events).boxed().toList();
        Eventually.within(
                DELIVERY,
                () -> assertThat(lanternRock.records(database.database()))
                        .extracting(line -> line.path("seq").asLong())
                        .isEqualTo(expected));
    }

    private static void assertSettled(Gateway gateway, Registered database, int events) {
        Eventually.within(Duration.ofSeconds(10), () -> {
            JsonNode ledger = gateway.ledger(database.database());
            assertThat(ledger.path("accepted").asLong()).as(ledger.toString()).isEqualTo(events);
            assertThat(ledger.path("delivered").asLong()).as(ledger.toString()).isEqualTo(events);
            assertThat(ledger.path("waiting").asLong()).as(ledger.toString()).isZero();
            assertThat(ledger.path("imbalance").asLong()).as(ledger.toString()).isZero();
        });
    }
}
