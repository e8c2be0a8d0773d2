package org.svos.telemetry.gateway.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.ledger.Account;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.spool.Encoding;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.lanternrock.Upstream.Arrived;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;
import tools.jackson.databind.JsonNode;

/** Dead letters over HTTP, with a Lantern Rock that refuses and is mended. */
class DeadLetterApiTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String POISONED = """
            {"host": {"id": "h1", "bootId": "b1"}, "application": {"name": "hello", "version": "1"}, "events": [
              {"seq": 1, "kind": "session_begin", "name": "startup", "time": "2026-11-22T09:31:01Z"},
              {"seq": 2, "kind": "message", "name": "poison", "time": "2026-11-22T09:31:02Z", "payload": {"n": 1.00e5}},
              {"seq": 3, "kind": "message", "name": "fine", "time": "2026-11-22T09:31:03Z", "payload": {}},
              {"seq": 4, "kind": "message", "name": "poison", "time": "2026-11-22T09:31:04Z", "payload": {"n": 2}}]}""";

    @TempDir
    Path data;

    private StandInUpstream lanternRock;
    private RunningGateway gateway;
    private Registered database;
    private String sandbox;
    private String letters;

    @BeforeEach
    void start() throws Exception {
        lanternRock = new StandInUpstream(data.resolve("lantern-rock"));
        startGateway();
        database = Registered.in(gateway);
        sandbox = database.sandbox();
        letters = database.path() + "/dead-letters";
    }

    private void startGateway() {
        gateway = RunningGateway.start(
                data.resolve("gateway"),
                "telemetry.lantern-rock.url=" + lanternRock.uri(),
                "telemetry.forward.retry-initial=20ms",
                "telemetry.forward.retry-max=200ms",
                "telemetry.forward.probe=200ms");
    }

    @AfterEach
    void stop() {
        gateway.close();
        lanternRock.close();
    }

    /** Two records of four are refused. */
    private void refuseTwo() throws InterruptedException {
        lanternRock.poison("poison");
        assertThat(gateway.call(
                                database.hostToken(),
                                "POST",
                                "/api/v1/sandboxes/" + sandbox + "/batches",
                                POISONED,
                                "Idempotency-Key",
                                "a/b")
                        .status())
                .isEqualTo(202);
        await(() -> ledger("deadLettered") == 2 && ledger("delivered") == 2);
    }

    private long ledger(String account) {
        JsonNode ledger =
                gateway.admin("GET", database.path() + "/ledger", null).json();
        assertThat(ledger.get("imbalance").asLong()).isZero();
        return ledger.get(account).asLong();
    }

    private List<JsonNode> list() {
        return StreamSupport.stream(
                        gateway.admin("GET", letters, null).json().get("items").spliterator(), false)
                .toList();
    }

    /** What is left of the day, as a refused batch is told. */
    private String quota() {
        return gateway.call(
                        database.hostToken(),
                        "POST",
                        "/api/v1/sandboxes/" + sandbox + "/batches",
                        "{}",
                        "Idempotency-Key",
                        "none")
                .header("RateLimit")
                .replaceAll(";t=.*", "");
    }

    private Answer own(String method, String path) {
        return gateway.call(database.token("owner"), method, path, null);
    }

    @Test
    void aRefusedRecordIsShownWithLanternRocksAnswerAndWhatWasRefused() throws Exception {
        refuseTwo();

        JsonNode first = list().getFirst();
        assertThat(first.propertyNames())
                .containsExactly(
                        "id",
                        "sandbox",
                        "events",
                        "reason",
                        "status",
                        "answer",
                        "kind",
                        "name",
                        "seq",
                        "idempotencyKey",
                        "admittedAt",
                        "diedAt",
                        "replayAskedAt");
        assertThat(first.get("sandbox").asString()).isEqualTo(sandbox);
        assertThat(first.get("reason").asString()).isEqualTo("refused");
        assertThat(first.get("status").asInt()).isEqualTo(422);
        assertThat(first.get("answer").asString()).contains("poison");
        assertThat(first.get("seq").asInt()).isEqualTo(2);
        assertThat(first.get("replayAskedAt").isNull()).isTrue();
        Answer whole = gateway.admin("GET", letters + "/" + first.get("id").asString(), null);
        assertThat(whole.json().get("delivery").get("records")).hasSize(1);
        assertThat(whole.body()).contains("\"attachment\":{\"n\":1.00e5}");
    }

    @Test
    void aListIsToldInPages() throws Exception {
        refuseTwo();
        JsonNode page = gateway.admin("GET", letters + "?limit=1", null).json();
        assertThat(page.get("items")).hasSize(1);
        JsonNode next = gateway.admin(
                        "GET", letters + "?limit=1&after=" + page.get("next").asString(), null)
                .json();
        assertThat(next.get("items").get(0).get("seq").asInt()).isEqualTo(4);
        assertThat(next.get("next").isNull()).isTrue();
        assertThat(gateway.admin("GET", letters + "?after=eHl6", null).status()).isEqualTo(400);
    }

    @Test
    void oneIsReplayedAndArrivesInItsSessionWithItsDigitsAndCostsNoQuota() throws Exception {
        refuseTwo();
        lanternRock.mend();
        String quota = quota();
        Answer asked = own("POST", letters + "/" + list().getFirst().get("id").asString() + "/replay");

        assertThat(asked.status()).isEqualTo(202);
        assertThat(asked.json().get("letters").asInt()).isEqualTo(1);
        await(() -> ledger("delivered") == 3);
        assertThat(ledger("deadLettered")).isEqualTo(1);
        assertThat(ledger("accepted")).isEqualTo(4);
        Arrived arrived = lanternRock.arrived(database.name()).getLast();
        assertThat(arrived.seq()).isEqualTo(2);
        assertThat(arrived.session()).isEqualTo("startup");
        assertThat(arrived.application()).isEqualTo("hello 1");
        assertThat(arrived.payload()).isEqualTo("{\"n\":1.00e5}");
        assertThat(list()).hasSize(1);
        assertThat(quota()).isEqualTo(quota);
        assertThat(gateway.manage("/actuator/prometheus").body()).contains("telemetry_dead_letters 1.0");
    }

    @Test
    void allAreReplayedEachOnce() throws Exception {
        refuseTwo();
        lanternRock.mend();
        assertThat(own("POST", letters + "/replay").json().get("letters").asInt())
                .isEqualTo(2);
        own("POST", letters + "/replay");

        await(() -> ledger("delivered") == 4);
        assertThat(ledger("deadLettered")).isZero();
        assertThat(lanternRock.arrived(database.name()))
                .extracting(Arrived::seq)
                .containsExactly(1L, 3L, 2L, 4L);
    }

    @Test
    void oneThatIsRefusedAgainStaysWithTheNewAnswerAndHoldsUpNobody() throws Exception {
        refuseTwo();
        String id = list().getFirst().get("id").asString();
        own("POST", letters + "/" + id + "/replay");
        await(() -> list().getFirst().get("replayAskedAt").isNull());

        assertThat(ledger("deadLettered")).isEqualTo(2);
        database.post(database.hostToken(), sandbox, "next", 1);
        await(() -> ledger("delivered") == 3);
    }

    @Test
    void aReplayThatWasAskedForGoesOnAfterARestart() throws Exception {
        refuseTwo();
        lanternRock.answer(503, null);
        own("POST", letters + "/replay");
        await(() -> !list().getFirst().get("replayAskedAt").isNull());
        gateway.close();
        lanternRock.mend();
        startGateway();

        await(() -> ledger("delivered") == 4);
        assertThat(ledger("deadLettered")).isZero();
    }

    @Test
    void oneThatIsDiscardedIsGoneAndCounted() throws Exception {
        refuseTwo();
        String id = list().getFirst().get("id").asString();
        assertThat(own("DELETE", letters + "/" + id).status()).isEqualTo(204);

        assertThat(own("DELETE", letters + "/" + id).status()).isEqualTo(404);
        assertThat(own("POST", letters + "/" + id + "/replay").status()).isEqualTo(404);
        assertThat(ledger("deadLettered")).isEqualTo(1);
        assertThat(ledger("discarded")).isEqualTo(1);
        assertThat(gateway.admin("GET", "/api/v1/audit", null).body()).contains("dead-letter.discard");
    }

    @Test
    void thoseOfADatabaseGoWithIt() throws Exception {
        refuseTwo();
        assertThat(gateway.admin("DELETE", database.path(), null).status()).isEqualTo(204);

        JsonNode all = gateway.admin("GET", "/api/v1/ledger", null).json();
        assertThat(all.get("imbalance").asLong()).isZero();
        assertThat(all.get("discarded").asLong()).isEqualTo(2);
        assertThat(all.get("deadLettered").asLong()).isZero();
        assertThat(gateway.manage("/actuator/prometheus").body()).contains("telemetry_dead_letters 0.0");
    }

    @Test
    void aBatchThatCouldNotBeReadGoesBackToItsLane() throws Exception {
        keepUnreadable(POISONED, 4);
        assertThat(list().getFirst().get("reason").asString()).isEqualTo("unreadable");
        assertThat(own("POST", letters + "/" + list().getFirst().get("id").asString() + "/replay")
                        .json()
                        .get("events")
                        .asInt())
                .isEqualTo(4);

        await(() -> ledger("delivered") == 4);
        assertThat(ledger("deadLettered")).isZero();
        assertThat(list()).isEmpty();
        assertThat(gateway.manage("/actuator/prometheus").body()).contains("telemetry_dead_letters 0.0");
    }

    @Test
    void aBatchThatStillCannotBeReadIsADeadLetterAgain() throws Exception {
        keepUnreadable("no batch", 3);
        String id = list().getFirst().get("id").asString();
        assertThat(own("POST", letters + "/replay").json().get("events").asInt())
                .isEqualTo(3);

        await(() -> ledger("deadLettered") == 3 && ledger("waiting") == 0);
        assertThat(list().getFirst().get("id").asString()).isNotEqualTo(id);
        assertThat(list().getFirst().get("events").asInt()).isEqualTo(3);
    }

    /** As a lane keeps what an earlier gateway accepted and this one cannot read. */
    private void keepUnreadable(String body, int events) throws SQLException {
        long id = Objects.requireNonNull(gateway.part(Registry.class).database(database.name()))
                .id();
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        var batch = new SpooledBatch(
                0,
                id,
                new SandboxId(sandbox),
                "a/b",
                Instant.ofEpochMilli(1_000),
                events,
                bytes.length,
                PayloadLimits.CONTRACT,
                Encoding.IDENTITY,
                bytes);
        gateway.part(Store.class).write(tx -> {
            Ledger ledger = gateway.part(Ledger.class);
            ledger.add(tx, id, Account.RECEIVED, Ledger.NO_REASON, events, bytes.length);
            ledger.add(tx, id, Account.ACCEPTED, Ledger.NO_REASON, events, bytes.length);
            gateway.part(DeadLetters.class).add(tx, batch, sandbox + "/a/b/1000", "why", events, bytes.length);
            return null;
        });
    }

    @Test
    void aReaderMayLookAndAnOwnerMayAct() throws Exception {
        refuseTwo();
        Registered other = Registered.in(gateway);
        String one = letters + "/" + list().getFirst().get("id").asString();
        record Call(String method, String path, int reader, int owner) {}
        for (Call call : List.of(
                new Call("GET", letters, 200, 200),
                new Call("GET", one, 200, 200),
                new Call("POST", one + "/replay", 403, 202),
                new Call("POST", letters + "/replay", 403, 202),
                new Call("DELETE", one, 403, 204))) {
            String what = call.method() + " " + call.path();
            assertThat(status(database.token("reader"), call.method(), call.path()))
                    .as(what)
                    .isEqualTo(call.reader());
            assertThat(status(database.hostToken(), call.method(), call.path()))
                    .as(what)
                    .isEqualTo(403);
            assertThat(status(other.token("owner"), call.method(), call.path()))
                    .as(what)
                    .isEqualTo(404);
            assertThat(gateway.call(null, call.method(), call.path(), null).status())
                    .as(what)
                    .isEqualTo(401);
            assertThat(status(database.token("owner"), call.method(), call.path()))
                    .as(what)
                    .isEqualTo(call.owner());
        }
    }

    private int status(String token, String method, String path) {
        return gateway.call(token, method, path, null).status();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting after %s", PATIENCE).isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
