package org.svos.telemetry.gateway.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Two gateways on one PostgreSQL: whoever looks on at either sees what happens at both, and is told the same of everything else. */
class TailOverGatewaysTest {

    @TempDir
    Path data;

    private final List<RunningGateway> gateways = new ArrayList<>();
    private StandInUpstream standIn;
    private Registered lab;
    private Registered labAtTwo;
    private String sandbox;
    private String token;

    @BeforeEach
    void start() throws Exception {
        standIn = new StandInUpstream(data.resolve("lantern-rock"));
        String database = TestServer.database();
        for (int i = 0; i < 2; i++) {
            gateways.add(RunningGateway.start(
                    data.resolve("gateway-" + i),
                    "telemetry.store=postgresql",
                    "telemetry.postgresql.url=" + TestServer.url(database),
                    "telemetry.postgresql.user=" + TestServer.USER,
                    "telemetry.lantern-rock.url=" + standIn.uri()));
        }
        lab = Registered.in(gateways.get(0), "\"size\": \"large\"");
        sandbox = lab.sandbox();
        token = lab.hostToken();
        labAtTwo = lab.at(gateways.get(1));
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (labAtTwo.post(token, sandbox, "first", 1).status() != 202) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(20);
        }
        while (standIn.arrived(lab.name()).isEmpty()
                || json(0, lab.path() + "/ledger").get("waiting").asLong() > 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @AfterEach
    void stop() {
        gateways.forEach(RunningGateway::close);
        standIn.close();
    }

    /** How many parts were ever told. */
    private long told() {
        return gateways.getFirst().part(Store.class).read(tx -> {
            try (var row = tx.statement("select case when is_called then last_value else 0 end from tail_number")
                    .executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /** Until the other has heard that somebody looks. */
    private Onlooker onlooker(int gateway, String... headers) throws Exception {
        var onlooker = new Onlooker(gateways.get(gateway), RunningGateway.ADMIN, lab.path() + "/events", headers);
        Tails other = gateways.get(1 - gateway).part(Tails.class);
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (other.wanted().isEmpty()) {
            assertThat(System.nanoTime()).as("the other has heard of it").isLessThan(deadline);
            Thread.sleep(5);
        }
        return onlooker;
    }

    private static SortedMap<String, Integer> counted(List<Onlooker.Event> events) {
        var counts = new TreeMap<String, Integer>();
        events.forEach(event -> counts.merge(event.type() + " " + event.json().get("seq"), 1, Integer::sum));
        return counts;
    }

    @Test
    void whatHappensAtBothIsSeenAtEitherOnceAndNothingIsToldWhileNobodyLooks() throws Exception {
        assertThat(told()).isZero();
        int batches = 20;
        List<Onlooker.Event> atOne;
        List<Onlooker.Event> atTwo;
        try (Onlooker one = onlooker(0);
                Onlooker two = onlooker(1)) {
            for (int i = 0; i < batches; i++) {
                Registered at = i % 2 == 0 ? lab : labAtTwo;
                assertThat(at.post(token, sandbox, "k" + i, 3).status()).isEqualTo(202);
            }
            atOne = one.next(2 * 3 * batches);
            atTwo = two.next(2 * 3 * batches);
            assertThat(counted(atOne))
                    .isEqualTo(counted(atTwo))
                    .containsEntry("admitted 2", batches)
                    .containsEntry("delivered 3", batches)
                    .hasSize(6);

            assertThat(one.lastId()).isNotEqualTo(two.lastId());
            try (Onlooker moved = onlooker(1, "Last-Event-ID", one.lastId())) {
                Onlooker.Event gap = moved.next();
                assertThat(gap.type()).isEqualTo("gap");
                assertThat(gap.json().get("missed").isNull()).isTrue();
            }
        }
    }

    @Test
    void aStormAtTheOtherIsShownOrCountedToTheLastEvent() throws Exception {
        int batches = 60;
        int events = 400;
        try (Onlooker one = onlooker(0)) {
            for (int i = 0; i < batches; i++) {
                assertThat(labAtTwo.post(token, sandbox, "k" + i, events).status())
                        .isEqualTo(202);
            }
            long seen = 0;
            while (seen < 2L * batches * events) {
                Onlooker.Event event = one.next();
                seen += event.type().equals("gap") ? event.json().get("missed").asLong() : 1;
            }
            assertThat(seen).isEqualTo(2L * batches * events);
        }
    }

    @Test
    void everyAnswerIsTheSameFromEither() throws Exception {
        lab.deadLetter(sandbox);
        for (int i = 0; i < 2; i++) {
            String ofAHostThatHasLostSomething = """
                    {"host": {"id": "h%d", "name": "lab-17", "bootId": "b1"}, "lost": {"ringFull": 3}, "events": [
                      {"seq": %d, "kind": "message", "name": "m", "payload": {}, "time": "2026-11-22T09:31:00Z"}]}""".formatted(i, 10 + 5 * i);
            int status = gateways.get(i)
                    .call(
                            token,
                            "POST",
                            "/api/v1/sandboxes/" + sandbox + "/batches",
                            ofAHostThatHasLostSomething,
                            "Idempotency-Key",
                            "host-" + i)
                    .status();
            assertThat(status).isEqualTo(202);
        }
        for (int i = 0; i < 10; i++) {
            Registered at = i % 2 == 0 ? lab : labAtTwo;
            assertThat(at.post(token, sandbox, "k" + i, 2).status()).isEqualTo(202);
            assertThat((i % 2 == 0 ? labAtTwo : lab)
                            .post(token, sandbox, "k" + i, 2)
                            .status())
                    .isEqualTo(200);
        }
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (standIn.arrived(lab.name()).size() < 23
                || json(0, lab.path() + "/ledger").get("waiting").asLong() > 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(20);
        }
        assertThat(json(0, "/api/v1/hosts").get("items")).hasSize(2);
        for (String path : List.of(
                "/api/v1/ledger",
                "/api/v1/databases",
                "/api/v1/hosts",
                "/api/v1/audit",
                lab.path(),
                lab.path() + "/ledger",
                lab.path() + "/usage",
                lab.path() + "/sandboxes",
                lab.path() + "/dead-letters",
                lab.path() + "/diagnosis")) {
            assertThat(json(1, path)).as(path).isEqualTo(json(0, path));
        }
    }

    private JsonNode json(int gateway, String path) {
        JsonNode answer = gateways.get(gateway).admin("GET", path, null).json();
        if (answer instanceof ObjectNode object) {
            object.remove("at"); // When it was asked; so is the next.
            if (object.path("quota").path("day") instanceof ObjectNode day) {
                day.remove("resetSeconds");
            }
        }
        return answer;
    }
}
