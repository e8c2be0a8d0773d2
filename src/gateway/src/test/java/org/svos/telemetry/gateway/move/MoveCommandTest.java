package org.svos.telemetry.gateway.move;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.GatewayApplication;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.admission.Outcome;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;
import org.svos.telemetry.lanternrock.Upstream.Arrived;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;
import tools.jackson.databind.JsonNode;

/** The command as people run it: from a gateway on a file to a gateway on a server. */
class MoveCommandTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String HOST = "\"host\": {\"id\": \"h1\", \"name\": \"lab-17\", \"bootId\": \"b1\"},"
            + " \"application\": {\"name\": \"hello\", \"version\": \"1\"}, \"lost\": {\"ringFull\": 3},";

    @TempDir
    Path data;

    private final String server = TestServer.bareDatabase();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private Path folder() {
        return data.resolve("gateway");
    }

    private String[] arguments() {
        return new String[] {
            "--telemetry.data=" + folder(),
            "--telemetry.postgresql.url=" + TestServer.url(server),
            "--telemetry.postgresql.user=" + TestServer.USER,
            "--logging.level.root=off"
        };
    }

    private int move() {
        said.reset();
        return MoveCommand.run(arguments(), new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private RunningGateway gateway(StandInUpstream lanternRock, String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "telemetry.lantern-rock.url=" + lanternRock.uri(),
                "telemetry.forward.retry-initial=20ms",
                "telemetry.forward.retry-max=200ms"));
        all.addAll(List.of(settings));
        RunningGateway gateway = RunningGateway.start(folder(), all.toArray(String[]::new));
        open.add(gateway);
        return gateway;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static Answer post(RunningGateway gateway, String token, String sandbox, String key, String body) {
        return gateway.call(
                token, "POST", "/api/v1/sandboxes/" + sandbox + "/batches", body, "Idempotency-Key", "\"" + key + "\"");
    }

    private static String batch(long seq, String... names) {
        StringBuilder events = new StringBuilder();
        for (String name : names) {
            events.append(events.isEmpty() ? "" : ", ")
                    .append("{\"seq\": %d, \"kind\": \"%s\", \"name\": \"%s\", \"payload\": {\"n\": %d},"
                            .formatted(seq, name.equals("open") ? "session_begin" : "message", name, seq))
                    .append(" \"time\": \"2026-11-22T09:31:00Z\"}");
            seq++;
        }
        return "{" + HOST + " \"events\": [" + events + "]}";
    }

    @Test
    void aGatewayGoesOnWhereTheOneOnTheFileStopped() throws Exception {
        StandInUpstream lanternRock = new StandInUpstream(data.resolve("lantern-rock"));
        open.add(lanternRock);
        lanternRock.poison("poison");
        RunningGateway before = gateway(lanternRock);
        Registered lab =
                Registered.in(before, "\"quota\": {\"bytesPerDay\": 4000, \"eventsPerSecond\": 100, \"burst\": 100}");
        Registered gone = Registered.in(before);
        String sandbox = lab.sandbox();
        String token = lab.hostToken();
        String ownSandbox = before.admin(
                        "POST",
                        "/api/v1/tokens",
                        "{\"role\": \"host\", \"name\": \"one\", \"sandboxes\": [\"" + sandbox + "\"]}")
                .text("secret");
        assertThat(post(before, token, sandbox, "first", batch(1, "open", "a", "poison", "b"))
                        .status())
                .isEqualTo(202);
        await(() -> lanternRock.arrived(lab.name()).size() == 3);
        await(() -> ledger(before, lab).get("waiting").asLong() == 0);
        lanternRock.answer(503, null);
        for (int i = 0; i < 5; i++) {
            assertThat(post(before, ownSandbox, sandbox, "k" + i, batch(10 + 2 * i, "w", "w"))
                            .status())
                    .isEqualTo(202);
        }
        Answer over = fillTheDay(before, token, sandbox);
        assertThat(before.admin("DELETE", gone.path(), null).status()).isEqualTo(204);
        everyOtherTable(before);
        JsonNode ledger = ledger(before, lab);
        before.close();

        assertThat(move()).as(said()).isZero();

        assertThat(said())
                .contains("dead-lettered 1")
                .contains("imbalance 0")
                .contains("the same on both sides")
                .contains("TELEMETRY_ADMIN_TOKEN");
        for (String table : Schema.MOVED) {
            assertThat(said()).as("rows of " + table).doesNotContainPattern(table + " +0 rows");
        }
        RunningGateway after = gateway(
                lanternRock,
                "telemetry.store=postgresql",
                "telemetry.postgresql.url=" + TestServer.url(server),
                "telemetry.postgresql.user=" + TestServer.USER);
        Registered moved = lab.at(after);
        assertThat(ledger(after, moved)).isEqualTo(ledger);
        assertThat(post(after, token, sandbox, "k3", batch(16, "w", "w")).status())
                .isEqualTo(200);
        Answer still = post(after, token, sandbox, "over", batch(900, "x".repeat(100)));
        assertThat(still.status()).isEqualTo(over.status()).isEqualTo(429);
        assertThat(still.json().get("used")).isEqualTo(over.json().get("used"));
        lanternRock.mend();
        await(() -> ledger(after, moved).get("waiting").asLong() == 0);
        List<Long> seqs =
                lanternRock.arrived(lab.name()).stream().map(Arrived::seq).toList();
        assertThat(seqs)
                .startsWith(1L, 2L, 4L, 10L, 11L, 12L, 13L)
                .doesNotHaveDuplicates()
                .isSorted();
        assertThat(lanternRock.arrived(lab.name())).extracting(Arrived::session).containsOnly("open");
        assertThat(ledger(after, moved).get("imbalance").asLong()).isZero();
        JsonNode letters =
                after.admin("GET", lab.path() + "/dead-letters", null).json().get("items");
        String letter = letters.get(0).get("id").asString();
        assertThat(after.admin("POST", lab.path() + "/dead-letters/" + letter + "/replay", null)
                        .status())
                .isEqualTo(202);
        await(() -> lanternRock.arrived(lab.name()).stream().anyMatch(one -> one.seq() == 3));
    }

    /** Until one more is refused; what it was answered. */
    private static Answer fillTheDay(RunningGateway gateway, String token, String sandbox) {
        for (int i = 0; ; i++) {
            Answer answer = post(gateway, token, sandbox, "d" + i, batch(100 + i, "x".repeat(100)));
            if (answer.status() != 202) {
                assertThat(answer.status()).isEqualTo(429);
                return answer;
            }
        }
    }

    private static JsonNode ledger(RunningGateway gateway, Registered database) {
        return gateway.admin("GET", database.path() + "/ledger", null).json();
    }

    /** Rows that take damage, a crash at the right moment, or months to come about. */
    private static void everyOtherTable(RunningGateway gateway) {
        gateway.part(Store.class).write(tx -> {
            tx.change("insert into host_lost_past (database_id, reason, events) values (0, 'ringFull', 7)");
            tx.change("insert into lane_cut (database_id, position, event) values (99, 1, 1)");
            tx.change(
                    "insert into quarantine (position, database_id, events, bytes, admitted_at, sandbox, key, batch, reason,"
                            + " quarantined_at) values (1000000, 99, 0, 0, 0, '', 'k', x'00ff', ?, 0)",
                    "a NUL, \0, which PostgreSQL does not store");
            return null;
        });
    }

    @Test
    void aCommandThatIsKilledGoesOnWhenItIsRunAgain() throws Exception {
        int batches = 4_000;
        Quota plenty = new Quota(1L << 40, 1_000_000, 1_000_000, Quota.Mode.ENFORCE);
        try (Rooms rooms = new Rooms(folder())) {
            Database lab = rooms.register("lab", plenty, Rooms.sandbox(1));
            List<Thread> clients = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int first = t;
                clients.add(Thread.ofVirtual().start(() -> {
                    for (int i = first; i < batches; i += 8) {
                        Outcome outcome = rooms.admission.admit(
                                Rooms.batch(lab, Rooms.sandbox(1), "k" + i, ("body " + i + " ").repeat(200), 1));
                        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
                    }
                }));
            }
            for (Thread client : clients) {
                client.join();
            }
            assertThat(rooms.ledger.all().accepted()).isEqualTo(batches);
        }
        Path told = data.resolve("told");
        Process process = command(told);
        try {
            while (!Files.readString(told).contains("audit")) {
                assertThat(process.isAlive()).as(Files.readString(told)).isTrue();
                Thread.sleep(2);
            }
            Thread.sleep(ThreadLocalRandom.current().nextLong(150));
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(move()).as(said()).isZero();
        assertThat(said()).contains("waiting 4,000", "imbalance 0");
    }

    private Process command(Path told) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                GatewayApplication.class.getName(),
                MoveCommand.NAME));
        command.addAll(List.of(arguments()));
        return new ProcessBuilder(command)
                .redirectOutput(told.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
