package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.lanternrock.Upstream.Arrived;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;

/** The whole gateway, with a receiver of OTLP in Lantern Rock's place. */
class ForwardOverOtlpTest {

    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";

    @TempDir
    Path data;

    private StandInUpstream standIn;
    private RunningGateway gateway;
    private String token;

    @BeforeEach
    void start() throws Exception {
        standIn = new StandInUpstream(data.resolve("receiver"));
        gateway = RunningGateway.start(
                data.resolve("gateway"),
                "telemetry.lantern-rock.protocol=otlp",
                "telemetry.lantern-rock.url=" + standIn.uri(),
                "telemetry.forward.retry-initial=20ms",
                "telemetry.forward.retry-max=200ms");
        gateway.admin("POST", "/api/v1/databases", "{\"name\":\"lab\",\"owner\":\"lab team\",\"size\":\"large\"}");
        gateway.admin("POST", "/api/v1/databases/lab/sandboxes", "{\"id\":\"" + SANDBOX + "\"}");
        token = gateway.admin("POST", "/api/v1/tokens", "{\"role\":\"host\",\"name\":\"test\",\"databases\":[\"lab\"]}")
                .text("secret");
    }

    @AfterEach
    void stop() {
        gateway.close();
        standIn.close();
    }

    @Test
    void theSumsAddUpThroughAGoodDayABadDayAndAPartlyTakenDelivery() throws Exception {
        post("k1", """
                {"host": {"id": "h1", "name": "lab-17", "bootId": "b1"}, "events": [
                  {"seq": 1, "kind": "register", "name": "hello", "version": "1.0.0", "time": "2026-11-22T09:31:00Z"},
                  {"seq": 2, "kind": "session_begin", "name": "startup", "time": "2026-11-22T09:31:01Z"},
                  {"seq": 3, "kind": "message", "name": "loaded", "time": "2026-11-22T09:31:02Z",
                   "payload": "{ hello_world: false }"},
                  {"seq": 4, "kind": "message", "name": "raw", "time": "2026-11-22T09:31:02Z", "payload": "}{"},
                  {"seq": 5, "kind": "session_end", "time": "2026-11-22T09:31:03Z"}]}""");
        await(() -> ledger().delivered() == 5);
        assertThat(standIn.arrived("lab"))
                .extracting(Arrived::session)
                .containsExactly(null, "startup", "startup", "startup", "startup");
        assertThat(standIn.arrived("lab")).extracting(Arrived::application).containsOnly("hello 1.0.0");
        assertThat(standIn.arrived("lab").get(2).payload()).isEqualTo("{\"hello_world\":false}");
        assertThat(standIn.arrived("lab").get(3).payload()).startsWith("{\"_raw\":\"}{\",\"_error\":");

        standIn.drop();
        post("k2", messages(6));
        await(() -> standIn.arrived("lab").size() == 8);
        standIn.mend();
        await(() -> ledger().delivered() == 8);
        assertThat(standIn.arrived("lab")).hasSize(8);

        standIn.keepAllBut("n10");
        post("k3", messages(9));
        await(() -> ledger().deadLettered() == 1);
        assertThat(ledger().delivered()).isEqualTo(10);
        assertThat(standIn.arrived("lab"))
                .extracting(Arrived::seq)
                .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 11L);
        assertThat(gateway.admin("GET", "/api/v1/databases/lab/dead-letters", null)
                        .json()
                        .at("/items/0/reason")
                        .stringValue())
                .isEqualTo("partly-refused");

        standIn.mend();
        assertThat(gateway.admin("POST", "/api/v1/databases/lab/dead-letters/replay", null)
                        .json()
                        .get("events")
                        .intValue())
                .isEqualTo(1);
        await(() -> ledger().delivered() == 11);
        assertThat(standIn.arrived("lab")).hasSize(11);
        Totals totals = ledger();
        assertThat(totals.accepted()).isEqualTo(11);
        assertThat(totals.deadLettered()).isZero();
        assertThat(totals.waiting()).isZero();
        assertThat(totals.imbalance()).isZero();
    }

    private static String messages(int seq) {
        StringBuilder events = new StringBuilder();
        for (int i = seq; i < seq + 3; i++) {
            events.append(i == seq ? "" : ",").append("""
                    {"seq": %d, "kind": "message", "name": "n%d", "time": "2026-11-22T09:32:00Z", "payload": {"n": %d}}""".formatted(i, i, i));
        }
        return "{\"host\": {\"id\": \"h1\", \"bootId\": \"b1\"}, \"events\": [" + events + "]}";
    }

    private void post(String key, String body) {
        assertThat(gateway.call(
                                token,
                                "POST",
                                "/api/v1/sandboxes/" + SANDBOX + "/batches",
                                body,
                                "Idempotency-Key",
                                '"' + key + '"')
                        .status())
                .isEqualTo(202);
    }

    private Totals ledger() {
        return gateway.part(Ledger.class).all();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
