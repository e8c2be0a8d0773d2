package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;

/**
 * A Lantern Rock that is away for six hours, in six seconds: an hour is a second here, and what a lane waits at most, 30 s, is
 * shortened as much. The gateway is whole, with a client before it and the stand-in behind it, which goes and comes back.
 */
class OutageTest {

    private static final Duration OUTAGE = Duration.ofSeconds(6);
    private static final String RETRY_MAX = "8ms";
    private static final String PLENTY =
            "\"quota\": {\"bytesPerDay\": 1000000000000, \"eventsPerSecond\": 10000000, \"burst\": 100000000}";
    private static final int DATABASES = 3;
    private static final int SANDBOXES = 2;
    private static final int EVENTS = 20;
    /** Of a body; what comes in during the outage is some 40 MB. */
    private static final int PAYLOAD = 1_500;

    private static final int BATCHES = 1_350;
    private static final long HEAP_BYTES = 8 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern ARRIVED = Pattern.compile("\"sandbox\":\"([^\"]+)\".*?\"seq\":(\\d+)", Pattern.DOTALL);

    @TempDir
    Path data;

    private final Map<String, Integer> posted = new HashMap<>();
    private final String text = "x".repeat(PAYLOAD);
    private final List<Client> clients = new ArrayList<>();
    private StandInUpstream standIn;
    private RunningGateway gateway;

    private record Client(Registered database, String token, String sandbox) {}

    @BeforeEach
    void start() throws IOException {
        standIn = new StandInUpstream(data.resolve("lantern-rock"));
        gateway = RunningGateway.start(
                data.resolve("gateway"),
                "telemetry.lantern-rock.url=" + standIn.uri(),
                "telemetry.forward.retry-initial=1ms",
                "telemetry.forward.retry-max=" + RETRY_MAX,
                "logging.level.org.svos.telemetry=error");
        for (int i = 0; i < DATABASES; i++) {
            Registered database = Registered.in(gateway, PLENTY);
            String token = database.hostToken();
            for (int j = 0; j < SANDBOXES; j++) {
                clients.add(new Client(database, token, database.sandbox()));
            }
        }
        clients.forEach(this::post);
        await(() -> waiting() == 0);
    }

    @AfterEach
    void stop() {
        gateway.close();
        standIn.close();
    }

    @Test
    void anOutageCostsNoEventAndNoHeapAndIsMadeUpForSoonerThanItLasted() throws Exception {
        standIn.stop();
        long began = System.nanoTime();
        postUntil(began, BATCHES / 3);
        long heapEarly = heapAfterCollection();
        postUntil(began, BATCHES);
        assertThat(gateway.manage("/actuator/prometheus").body()).contains("telemetry_upstream_circuit_state 2.0");
        long heapLate = heapAfterCollection();
        while (System.nanoTime() - began < OUTAGE.toNanos()) {
            Thread.sleep(10);
        }
        Duration lasted = Duration.ofNanos(System.nanoTime() - began);
        assertThat(waiting()).isEqualTo((long) BATCHES * EVENTS);

        standIn.restart();
        long back = System.nanoTime();
        await(() -> waiting() == 0);
        Duration recovery = Duration.ofNanos(System.nanoTime() - back);

        assertThat(recovery).as("recovery of %s", lasted).isLessThan(lasted);
        assertThat(heapLate - heapEarly)
                .as("heap after %s batches and after %s", BATCHES / 3, BATCHES)
                .isLessThan(HEAP_BYTES);
        assertAllArrivedOnceAndInOrder();
        assertThat(gateway.admin("GET", "/api/v1/ledger", null)
                        .json()
                        .get("imbalance")
                        .asLong())
                .isZero();
    }

    @Test
    void oneDatabaseThatIsRefusedAllTheTimeDelaysNoOther() throws Exception {
        Client refused = clients.getFirst();
        Client other = clients.getLast();
        standIn.behave("{\"mode\":\"status\",\"status\":503,\"database\":\""
                + refused.database().name() + "\"}");
        post(refused);
        // By itself it is refused so often that the circuit opens.
        await(() -> gateway.manage("/actuator/prometheus").body().contains("telemetry_upstream_circuit_state 2.0"));
        List<Duration> delays = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            post(refused);
            post(other);
            long began = System.nanoTime();
            await(() -> waiting(other.database()) == 0);
            delays.add(Duration.ofNanos(System.nanoTime() - began));
        }
        Collections.sort(delays);
        // Less than the time for which the circuit is open.
        assertThat(delays.get(delays.size() / 2)).as("all: %s", delays).isLessThan(Duration.ofMillis(800));
        assertThat(waiting(refused.database())).isEqualTo(16L * EVENTS);
        standIn.mend();
        await(() -> waiting() == 0);
        assertAllArrivedOnceAndInOrder();
    }

    /** Posts so many batches in all since the outage began, each of which is taken; the gateway stays ready. */
    private void postUntil(long began, int batches) {
        int before = posted.values().stream().mapToInt(Integer::intValue).sum() / EVENTS - clients.size();
        for (int i = before; i < batches; i++) {
            post(clients.get(i % clients.size()));
        }
        assertThat(gateway.call(null, "GET", "/readyz", null).status())
                .as("%s after the outage began", Duration.ofNanos(System.nanoTime() - began))
                .isEqualTo(200);
    }

    private void post(Client client) {
        int first = posted.getOrDefault(client.sandbox(), 0) + 1;
        var body = new StringBuilder("{\"host\":{\"id\":\"h1\",\"bootId\":\"b1\"},\"events\":[");
        for (int seq = first; seq < first + EVENTS; seq++) {
            body.append(seq == first ? "" : ",")
                    .append("{\"seq\":")
                    .append(seq)
                    .append(
                            ",\"kind\":\"message\",\"name\":\"m\",\"time\":\"2026-11-22T09:31:00Z\",\"payload\":{\"t\":\"")
                    .append(text)
                    .append("\"}}");
        }
        Answer answer = gateway.call(
                client.token(),
                "POST",
                "/api/v1/sandboxes/" + client.sandbox() + "/batches",
                body.append("]}").toString(),
                "Idempotency-Key",
                "\"k" + first + "\"");
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        posted.put(client.sandbox(), first + EVENTS - 1);
    }

    private void assertAllArrivedOnceAndInOrder() throws IOException {
        Map<String, Integer> last = new HashMap<>();
        for (Client client : clients) {
            try (Stream<String> lines = Files.lines(
                    data.resolve("lantern-rock").resolve(client.database().name() + ".ndjson"))) {
                lines.forEach(line -> {
                    Matcher arrived = ARRIVED.matcher(line);
                    assertThat(arrived.find()).isTrue();
                    if (arrived.group(1).equals(client.sandbox())) {
                        assertThat(Integer.parseInt(arrived.group(2)))
                                .isEqualTo(last.merge(client.sandbox(), 1, Integer::sum));
                    }
                });
            }
        }
        assertThat(last).isEqualTo(posted);
    }

    private long waiting() {
        return gateway.admin("GET", "/api/v1/ledger", null)
                .json()
                .get("waiting")
                .asLong();
    }

    private long waiting(Registered database) {
        return gateway.admin("GET", database.path() + "/ledger", null)
                .json()
                .get("waiting")
                .asLong();
    }

    /** What is left of this process's heap, the least of a few times. */
    private static long heapAfterCollection() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting after %s", PATIENCE).isLessThan(deadline);
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
