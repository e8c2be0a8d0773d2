package org.svos.telemetry.gateway.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;
import tools.jackson.databind.JsonNode;

/** What is registered, over a restart, and when it goes away while its events are on their way. */
class RegistryOverTimeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void aRestartKeepsAllThatWasRegistered() {
        Registered database;
        String sandbox;
        String host;
        String owner;
        String before;
        try (RunningGateway gateway = RunningGateway.start(folder)) {
            database = Registered.in(gateway, "\"quota\": {\"burst\": 5, \"mode\": \"shadow\"}");
            sandbox = database.sandbox();
            host = database.hostToken();
            owner = database.token("owner");
            String patch = "{\"retention\": \"P7D\", \"description\": \"d\"}";
            before = gateway.admin("PATCH", database.path(), patch, "If-Match", "*")
                    .body();
            gateway.admin("PATCH", "/api/v1/sandboxes/" + sandbox, "{\"state\": \"suspended\"}");
        }
        try (RunningGateway gateway = RunningGateway.start(folder)) {
            assertThat(gateway.call(owner, "GET", database.path(), null).body()).isEqualTo(before);
            assertThat(gateway.call(owner, "GET", "/api/v1/sandboxes/" + sandbox, null)
                            .text("state"))
                    .isEqualTo("suspended");
            assertThat(gateway.call(host, "POST", "/api/v1/sandboxes/" + sandbox + "/batches", "{}")
                            .text("code"))
                    .isEqualTo("sandbox-suspended");
        }
    }

    @Test
    void eventsOfADatabaseThatGoesWhileTheyAreDeliveredHaveOneOutcome() throws Exception {
        try (StandInUpstream standIn = new StandInUpstream(folder.resolve("lantern-rock"));
                RunningGateway gateway = RunningGateway.start(
                        folder.resolve("gateway"), "telemetry.lantern-rock.url=" + standIn.uri())) {
            standIn.answerAfter(Duration.ofSeconds(2));
            Registered database = Registered.in(gateway);
            String sandbox = database.sandbox();
            database.post(database.hostToken(), sandbox, "1", 3);
            await(() -> !standIn.lines(database.name()).isEmpty());

            assertThat(gateway.admin("DELETE", database.path() + "?discard=true", null)
                            .status())
                    .isEqualTo(204);
            standIn.mend();
            Registered next = Registered.in(gateway);
            next.post(next.hostToken(), next.sandbox(), "1", 2);
            await(() -> ledger(gateway).get("waiting").asLong() == 0);

            JsonNode ledger = ledger(gateway);
            assertThat(ledger.get("accepted").asLong()).isEqualTo(5);
            assertThat(ledger.get("discarded").asLong()).isEqualTo(3);
            assertThat(ledger.get("delivered").asLong()).isEqualTo(2);
            assertThat(ledger.get("imbalance").asLong()).isZero();
        }
    }

    private static JsonNode ledger(RunningGateway gateway) {
        return gateway.admin("GET", "/api/v1/ledger", null).json();
    }

    private static void await(BooleanSupplier reached) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!reached.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still not so after " + PATIENCE).isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
