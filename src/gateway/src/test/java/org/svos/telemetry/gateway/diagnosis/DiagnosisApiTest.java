package org.svos.telemetry.gateway.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.forward.LaneStatus;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.quota.Standing;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.spool.Waiting;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;
import tools.jackson.databind.JsonNode;

/** What an owner is told of events that do not arrive. */
class DiagnosisApiTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path data;

    private StandInUpstream lanternRock;
    private RunningGateway gateway;

    @BeforeEach
    void start() throws Exception {
        lanternRock = new StandInUpstream(data.resolve("lantern-rock"));
        gateway = RunningGateway.start(
                data.resolve("gateway"),
                "telemetry.lantern-rock.url=" + lanternRock.uri(),
                "telemetry.forward.retry-initial=20ms",
                "telemetry.forward.retry-max=100ms",
                "telemetry.forward.probe=200ms");
    }

    @AfterEach
    void stop() {
        gateway.close();
        lanternRock.close();
    }

    private JsonNode diagnosis(Registered database) {
        Answer answer = gateway.call(database.token("reader"), "GET", database.path() + "/diagnosis", null);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private List<String> codes(Registered database) {
        return findings(database).stream()
                .map(one -> one.get("code").asString())
                .toList();
    }

    private List<JsonNode> findings(Registered database) {
        return StreamSupport.stream(diagnosis(database).get("findings").spliterator(), false)
                .toList();
    }

    @Test
    void whereAllIsWellThereIsNothingToFind() throws Exception {
        Registered database = Registered.in(gateway);
        database.post(database.hostToken(), database.sandbox(), "k", 3);
        await(() -> diagnosis(database).get("backlog").get("events").asLong() == 0);

        JsonNode well = diagnosis(database);
        assertThat(well.propertyNames())
                .containsExactly(
                        "database",
                        "at",
                        "findings",
                        "state",
                        "quota",
                        "lane",
                        "backlog",
                        "deadLetters",
                        "rejected",
                        "hosts");
        assertThat(well.get("findings")).isEmpty();
        assertThat(well.get("state").asString()).isEqualTo("active");
        assertThat(well.get("lane").get("state").asString()).isEqualTo("open");
        assertThat(well.get("quota").get("day").get("limit").asLong()).isEqualTo(10 << 20);
        assertThat(well.get("quota").get("mode").asString()).isEqualTo("enforce");
        assertThat(well.get("backlog").get("oldestAdmittedAt").isNull()).isTrue();
    }

    @Test
    void itSaysWhatKeepsEventsFromBeingTaken() {
        Registered database = Registered.in(gateway);
        assertThat(codes(database)).containsExactly("no-sandbox");

        String sandbox = database.sandbox();
        gateway.admin("PATCH", "/api/v1/sandboxes/" + sandbox, "{\"state\": \"suspended\"}");
        String tag = gateway.admin("GET", database.path(), null).header("ETag");
        gateway.admin("PATCH", database.path(), "{\"state\": \"suspended\"}", "If-Match", tag);
        assertThat(codes(database)).containsExactly("database-suspended", "sandboxes-suspended");
        assertThat(findings(database).getFirst().get("detail").asString()).contains("403");
    }

    @Test
    void itSaysUntilWhenADayIsUsedUp() {
        String body = """
                {"events": [{"seq": 1, "kind": "session_end", "time": "2026-11-22T09:31:01Z"}]}""";
        Registered database = Registered.in(
                gateway,
                "\"quota\": {\"bytesPerDay\": %d, \"eventsPerSecond\": 10, \"burst\": 10, \"mode\": \"enforce\"}"
                        .formatted(body.length()));
        gateway.call(
                database.hostToken(),
                "POST",
                "/api/v1/sandboxes/" + database.sandbox() + "/batches",
                body,
                "Idempotency-Key",
                "k");
        JsonNode day = findings(database).getFirst();
        assertThat(day.get("code").asString()).isEqualTo("day-used-up");
        assertThat(day.get("detail").asString()).contains(body.length() + " bytes", "429");
        assertThat(Instant.parse(day.get("until").asString()).getEpochSecond() % 86_400)
                .isLessThanOrEqualTo(1);
    }

    @Test
    void aQuotaThatIsOnlyWatchedIsToldOfAsThat() {
        Quota quota = new Quota(1_000, 5, 50, Quota.Mode.SHADOW);
        Instant now = Instant.parse("2026-11-22T23:59:00Z");
        var lab = new Database(1, "lab", "", "", Database.State.ACTIVE, quota, null, 1, now, now);
        var signs = new Signs(1, 0, null, 0, Map.of(), List.of());
        Diagnosis diagnosis = new Examination(
                        lab, new Standing(quota, 200, 60, 0, 10), LaneStatus.OPEN, Waiting.NOTHING, signs, now)
                .diagnosis();
        assertThat(diagnosis.findings())
                .extracting(Diagnosis.Finding::code)
                .containsExactly("day-nearly-used-up", "rate-used-up");
        assertThat(diagnosis.findings())
                .extracting(Diagnosis.Finding::until)
                .containsExactly(Instant.parse("2026-11-23T00:00:00Z"), now.plusSeconds(10));
        assertThat(diagnosis.findings())
                .allSatisfy(one -> assertThat(one.detail()).contains("would be refused if"));
    }

    @Test
    void aBacklogAndSilenceAreToldOfWithTheirAge() {
        Quota quota = new Quota(1_000, 5, 50, Quota.Mode.ENFORCE);
        Instant now = Instant.parse("2026-11-22T12:00:00Z");
        Instant oldest = now.minusSeconds(61);
        Instant heard = now.minus(Duration.ofHours(25));
        var lab = new Database(1, "lab", "", "", Database.State.ACTIVE, quota, null, 1, now, now);
        var host = new Diagnosis.Host("h1", "lab-17", heard, 0, false, null);
        Diagnosis diagnosis = new Examination(
                        lab,
                        new Standing(quota, 1_000, 0, 50, 0),
                        LaneStatus.OPEN,
                        new Waiting(7, 700),
                        new Signs(1, 0, oldest, 0, Map.of(), List.of(host)),
                        now)
                .diagnosis();
        assertThat(diagnosis.findings())
                .extracting(Diagnosis.Finding::code, Diagnosis.Finding::since)
                .containsExactly(tuple("backlog", oldest), tuple("quiet", heard));
        assertThat(diagnosis.findings().getFirst().detail()).contains("7 events wait");
        assertThat(diagnosis.backlog()).isEqualTo(new Diagnosis.Backlog(7, 700, oldest));
    }

    @Test
    void itSaysWhatLanternRockAnswers() throws Exception {
        Registered database = Registered.in(gateway);
        lanternRock.answer(403, null);
        database.post(database.hostToken(), database.sandbox(), "k", 3);
        await(() -> codes(database).equals(List.of("lane-parked")));

        JsonNode parked = diagnosis(database);
        assertThat(parked.get("lane").get("status").asInt()).isEqualTo(403);
        assertThat(parked.get("lane").get("attempts").asInt()).isPositive();
        assertThat(Instant.parse(parked.get("lane").get("nextAttemptAt").asString()))
                .isAfter(Instant.parse(parked.get("lane").get("since").asString()));
        assertThat(parked.get("backlog").get("events").asInt()).isEqualTo(3);
        assertThat(parked.get("findings").get(0).get("detail").asString()).contains("403", "3 events wait");

        lanternRock.answer(503, null);
        await(() -> codes(database).equals(List.of("lane-retrying")));
        lanternRock.mend();
        await(() -> codes(database).isEmpty());
    }

    @Test
    void aLaneThatHasNothingMoreToDeliverIsNotParked() throws Exception {
        Registered database = Registered.in(gateway);
        lanternRock.answer(403, null);
        String sandbox = database.sandbox();
        database.post(database.hostToken(), sandbox, "k", 3);
        await(() -> codes(database).equals(List.of("lane-parked")));
        long id = Objects.requireNonNull(gateway.part(Registry.class).database(database.name()))
                .id();
        gateway.part(Store.class).write(tx -> gateway.part(Spool.class).discard(tx, id, "test"));
        await(() -> codes(database).isEmpty());
    }

    @Test
    void itTellsOfDeadLettersAndOfHostsThatLose() throws Exception {
        Registered database = Registered.in(gateway);
        lanternRock.poison("m");
        gateway.call(
                database.hostToken(),
                "POST",
                "/api/v1/sandboxes/" + database.sandbox() + "/batches",
                """
                {"host": {"id": "h1", "name": "lab-17", "bootId": "b1"}, "lost": {"ringFull": 7}, "events": [
                  {"seq": 1, "kind": "message", "name": "m", "time": "2026-11-22T09:31:01Z", "payload": {}},
                  {"seq": 4, "kind": "message", "name": "m", "time": "2026-11-22T09:31:02Z", "payload": {}}]}""",
                "Idempotency-Key",
                "k");
        await(() -> codes(database).equals(List.of("dead-letters", "hosts-lose", "events-missing")));

        JsonNode host = diagnosis(database).get("hosts").get(0);
        assertThat(host.get("name").asString()).isEqualTo("lab-17");
        assertThat(host.get("missing").asInt()).isEqualTo(2);
        assertThat(host.get("loses").asBoolean()).isTrue();
        assertThat(host.has("lost")).as("how many is an administrator's").isFalse();
        JsonNode all =
                gateway.admin("GET", database.path() + "/diagnosis", null).json();
        assertThat(all.get("hosts").get(0).get("lost").asInt()).isEqualTo(7);
    }

    @Test
    void itIsForThoseWhoMayReadTheDatabase() {
        Registered database = Registered.in(gateway);
        String path = database.path() + "/diagnosis";
        assertThat(gateway.call(database.token("owner"), "GET", path, null).status())
                .isEqualTo(200);
        assertThat(gateway.call(database.hostToken(), "GET", path, null).status())
                .isEqualTo(403);
        assertThat(gateway.call(Registered.in(gateway).token("reader"), "GET", path, null)
                        .status())
                .isEqualTo(404);
        assertThat(gateway.call(null, "GET", path, null).status()).isEqualTo(401);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting after %s", PATIENCE).isLessThan(deadline);
            Thread.sleep(50);
        }
    }
}
