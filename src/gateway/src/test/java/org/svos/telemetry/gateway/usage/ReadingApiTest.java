package org.svos.telemetry.gateway.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.SharedGateway;
import tools.jackson.databind.JsonNode;

/** Ledger, usage and hosts, after batches were posted. */
@ExtendWith(SharedGateway.class)
class ReadingApiTest {

    @Test
    void aLedgerAddsUp(RunningGateway gateway) {
        Registered database = Registered.in(gateway, "\"quota\": {\"burst\": 10}");
        String token = database.hostToken();
        String sandbox = database.sandbox();
        database.post(token, sandbox, "1", 3);
        database.post(token, sandbox, "1", 3);
        database.post(token, sandbox, "2", 11);

        JsonNode ledger = gateway.call(database.token("owner"), "GET", database.path() + "/ledger", null)
                .json();

        assertThat(ledger.propertyNames())
                .containsExactly(
                        "received",
                        "accepted",
                        "duplicate",
                        "rejected",
                        "waiting",
                        "delivered",
                        "deadLettered",
                        "discarded",
                        "expired",
                        "sequenceGaps",
                        "imbalance");
        assertThat(ledger.get("received").asLong()).isEqualTo(17);
        assertThat(ledger.get("accepted").asLong()).isEqualTo(3);
        assertThat(ledger.get("duplicate").asLong()).isEqualTo(3);
        assertThat(ledger.get("rejected").toString()).isEqualTo("{\"batch-exceeds-quota\":11}");
        assertThat(ledger.get("waiting").asLong()).isEqualTo(3);
        assertThat(ledger.get("imbalance").asLong()).isZero();
    }

    @Test
    void whatHostsLostIsAnAdministratorsToSee(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        Registered other = Registered.in(gateway);
        postFromHost(gateway, database, "host-" + database.name(), 5);

        JsonNode own = gateway.admin("GET", database.path() + "/ledger", null).json();
        JsonNode all = gateway.admin("GET", "/api/v1/ledger", null).json();

        assertThat(own.get("hostLost").toString()).isEqualTo("{\"ringFull\":5}");
        assertThat(all.get("hostLost").get("ringFull").asLong()).isGreaterThanOrEqualTo(5);
        assertThat(gateway.admin("GET", other.path() + "/ledger", null).json().get("hostLost"))
                .isEmpty();
        assertThat(gateway.call(database.token("reader"), "GET", database.path() + "/ledger", null)
                        .json()
                        .has("hostLost"))
                .isFalse();
    }

    @Test
    void hostsAreListedAsTheirLastBatchToldOfThem(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        String id = "host-of-" + database.name();
        postFromHost(gateway, database, id, 7);
        postFromHost(gateway, database, id + "-b", 0);

        List<JsonNode> hosts = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonNode page = gateway.admin("GET", "/api/v1/hosts?limit=1&after=" + next, null)
                    .json();
            page.get("items").forEach(hosts::add);
            next = page.get("next").isNull() ? null : page.get("next").asString();
        }

        JsonNode host = hosts.stream()
                .filter(one -> one.get("id").asString().equals(id))
                .findFirst()
                .orElseThrow();
        assertThat(host.propertyNames())
                .containsExactly("id", "name", "bootId", "kernel", "loaderVersion", "lastBatchAt", "lost");
        assertThat(host.get("name").asString()).isEqualTo("lab-17");
        assertThat(host.get("kernel").asString()).isEqualTo("6.1.0");
        assertThat(host.get("lost").toString())
                .isEqualTo("{\"ringFull\":7,\"probeFault\":0,\"recursion\":0,\"throttled\":0,\"spoolEvicted\":0}");
        assertThat(hosts.stream().map(one -> one.get("id").asString()))
                .contains(id + "-b")
                .doesNotHaveDuplicates();
    }

    @Test
    void usageIsByTheHourOfTheLastDayUnlessSaid(RunningGateway gateway) {
        Registered database = Registered.in(gateway);
        database.post(database.hostToken(), database.sandbox(), "1", 4);

        JsonNode points =
                gateway.admin("GET", database.path() + "/usage", null).json().get("points");

        assertThat(points.size()).isBetween(24, 25);
        JsonNode last = points.get(points.size() - 1);
        assertThat(last.propertyNames()).containsExactly("from", "to", "accepted", "delivered", "rejected");
        assertThat(sum(points, "accepted")).isEqualTo(4);
        assertThat(last.get("accepted").get("bytes").asLong()).isPositive();
        assertThat(sum(points, "rejected")).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "from=2026-01-01T00:00:00Z&to=2026-01-01T03:00:00Z, 3",
        "from=2026-01-01T00:30:00Z&to=2026-01-01T03:00:00Z, 3",
        "from=2026-01-01T00:00:00Z&to=2026-01-31T00:00:00Z&step=day, 30",
        "from=2026-01-01T00:00:00%2B01:00&to=2026-01-01T00:00:00Z&step=hour, 1",
        "step=day&to=2026-03-01T00:00:00Z, 30",
    })
    void theRangeIsCutIntoSteps(String query, int points, RunningGateway gateway) {
        Answer answer = gateway.admin("GET", Registered.in(gateway).path() + "/usage?" + query, null);

        assertThat(answer.json().get("points")).hasSize(points);
    }

    @ParameterizedTest
    @CsvSource({
        "from=yesterday, /from",
        "to=7, /to",
        "step=week, /step",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z, /from",
        "from=2000-01-01T00:00:00Z, /from",
        "since=2026-01-02T00:00:00Z, /since",
    })
    void aRangeThatCannotBeIsRefused(String query, String pointer, RunningGateway gateway) {
        Answer answer = gateway.admin("GET", Registered.in(gateway).path() + "/usage?" + query, null);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").get(0).get("pointer").asString()).isEqualTo(pointer);
    }

    private static long sum(JsonNode points, String of) {
        long sum = 0;
        for (JsonNode point : points) {
            sum += point.get(of).get("events").asLong();
        }
        return sum;
    }

    private static void postFromHost(RunningGateway gateway, Registered database, String id, long ringFull) {
        Answer answer = gateway.call(
                database.hostToken(),
                "POST",
                "/api/v1/sandboxes/" + database.sandbox() + "/batches",
                """
                {"host": {"id": "%s", "name": "lab-17", "bootId": "b1", "kernel": "6.1.0", "loaderVersion": "1"},
                 "lost": {"ringFull": %d},
                 "events": [{"seq": 1, "kind": "unregister", "time": "2026-11-22T09:31:00Z"}]}""".formatted(id, ringFull),
                "Idempotency-Key",
                "\"1\"");
        assertThat(answer.status()).isEqualTo(202);
    }
}
