package org.svos.telemetry.gateway.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.gateway.Registered;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.gateway.RunningGateway.Answer;
import org.svos.telemetry.gateway.tail.Onlooker.Event;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;

/** The live tail over HTTP, with small rings and short waits. */
class TailApiTest {

    private static final int READERS = 4;
    private static final int RING_BYTES = 16 << 10;
    private static final int WAITING_BYTES = 256 << 10;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path data;

    private static StandInUpstream lanternRock;
    private static RunningGateway gateway;

    private Registered database;
    private String sandbox;
    private String host;
    private String reader;
    private String tail;
    private int batches;

    @BeforeAll
    static void start() throws Exception {
        lanternRock = new StandInUpstream(data.resolve("lantern-rock"));
        gateway = startGateway("gateway");
    }

    private static RunningGateway startGateway(String folder) {
        return RunningGateway.start(
                data.resolve(folder),
                "telemetry.lantern-rock.url=" + lanternRock.uri(),
                "telemetry.tail.readers=" + READERS,
                "telemetry.tail.readers-per-database=2",
                "telemetry.tail.ring-size=" + RING_BYTES + "B",
                "telemetry.tail.waiting-size=" + WAITING_BYTES + "B",
                "telemetry.tail.heartbeat=100ms",
                "telemetry.tail.stall-timeout=1s");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        lanternRock.close();
    }

    @BeforeEach
    void register() throws InterruptedException {
        await(() -> gateway.part(Tails.class).readers() == 0); // of the tests before
        register(gateway, "\"size\": \"large\"");
    }

    private void register(RunningGateway at, String quota) {
        database = Registered.in(at, quota);
        sandbox = database.sandbox();
        host = database.hostToken();
        reader = database.token("reader");
        tail = database.path() + "/events";
    }

    private Answer post(String events) {
        return post(gateway, events);
    }

    private Answer post(RunningGateway at, String events) {
        return at.call(
                host,
                "POST",
                "/api/v1/sandboxes/" + sandbox + "/batches",
                "{\"host\": {\"id\": \"h1\", \"name\": \"lab-17\", \"bootId\": \"b1\"}, \"events\": [" + events + "]}",
                "Idempotency-Key",
                "k" + ++batches);
    }

    private static String message(int seq, String name, String payload) {
        return "{\"seq\": %d, \"kind\": \"message\", \"name\": \"%s\", \"time\": \"2026-11-22T09:31:02Z\", \"payload\": %s}"
                .formatted(seq, name, payload);
    }

    /** So many messages of about a kilobyte each, numbered from one on. */
    private static String messages(int first, int count) {
        StringBuilder events = new StringBuilder();
        for (int i = 0; i < count; i++) {
            events.append(i == 0 ? "" : ",")
                    .append(message(first + i, "big", "{\"text\": \"" + "x".repeat(900) + "\"}"));
        }
        return events.toString();
    }

    @Test
    void itShowsWhatIsAdmittedRejectedAndDelivered() throws Exception {
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail)) {
            post("{\"seq\": 1, \"kind\": \"reboot\", \"name\": \"r\", \"time\": \"2026-11-22T09:31:01Z\"}, "
                    + message(2, "loaded", "\"{ hello_world: true }\""));
            List<Event> events = onlooker.next(3);

            assertThat(events).extracting(Event::type).containsExactly("rejected", "admitted", "delivered");
            assertThat(events.get(0).json().propertyNames())
                    .containsExactly("sandbox", "host", "hostName", "code", "detail", "seq", "name", "time");
            assertThat(events.get(0).text("code")).isEqualTo("unknown-kind");
            for (Event event : events.subList(1, 3)) {
                assertThat(event.data())
                        .isEqualTo("{\"sandbox\":\"" + sandbox + "\",\"host\":\"h1\",\"hostName\":\"lab-17\",\"seq\":2,"
                                + "\"kind\":\"message\",\"name\":\"loaded\",\"time\":\"2026-11-22T09:31:02Z\","
                                + "\"payload\":{\"hello_world\":true}}");
            }
            assertThat(onlooker.response().headers().firstValue("Content-Type")).hasValue("text/event-stream");
        }
    }

    @Test
    void aRefusedBatchIsShownWithTheCodeOfItsRefusal() throws Exception {
        register(gateway, "\"quota\": {\"burst\": 2, \"eventsPerSecond\": 1}");
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail + "?kind=message")) {
            assertThat(post(messages(1, 3)).text("code")).isEqualTo("batch-exceeds-quota");
            assertThat(post(messages(1, 2)).status()).isEqualTo(202);
            assertThat(post(messages(3, 2)).text("code")).isEqualTo("quota-exceeded");
            batches--;
            batches--;
            assertThat(post(messages(5, 1)).text("code")).isEqualTo("key-reused");

            List<Event> rejected = onlooker.next(10).stream()
                    .filter(event -> event.type().equals("rejected"))
                    .toList();
            assertThat(rejected)
                    .extracting(event -> event.text("code"))
                    .containsExactly(
                            "batch-exceeds-quota",
                            "batch-exceeds-quota",
                            "batch-exceeds-quota",
                            "quota-exceeded",
                            "quota-exceeded",
                            "key-reused");
            assertThat(rejected.getLast().json().get("seq").asInt()).isEqualTo(5);
        }
    }

    @Test
    void filtersLetPassWhatTheyName() throws Exception {
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail + "?kind=message&name=loaded&host=h1");
                Onlooker elsewhere = new Onlooker(gateway, reader, tail + "?host=h2")) {
            post("{\"seq\": 1, \"kind\": \"register\", \"name\": \"loaded\", \"time\": \"2026-11-22T09:31:01Z\"}, "
                    + message(2, "other", "{}") + ", " + message(3, "loaded", "{}"));

            assertThat(onlooker.next(2))
                    .extracting(event -> event.type() + event.json().get("seq").asInt())
                    .containsExactly("admitted3", "delivered3");
            // The heartbeat tells what to resume from, though nothing has passed.
            await(() -> elsewhere.lastId().endsWith("-6"));
        }
        Answer answer = gateway.call(reader, "GET", tail + "?kind=reboot&since=1", null);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").get(0).get("pointer").asString()).isEqualTo("/kind");
        assertThat(answer.json().get("errors").get(1).get("pointer").asString()).isEqualTo("/since");
    }

    @Test
    void whoComesBackGoesOnAfterTheLastEvent() throws Exception {
        String last;
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail + "?name=a")) {
            post(message(1, "a", "{}") + ", " + message(2, "a", "{}"));
            last = onlooker.next(4).get(1).id();
        }
        post(message(3, "a", "{}"));
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail, "Last-Event-ID", last)) {
            assertThat(onlooker.next(4))
                    .extracting(event -> event.type() + event.json().get("seq").asInt())
                    .containsExactly("delivered1", "delivered2", "admitted3", "delivered3");
        }
    }

    @Test
    void whatNobodyKnowsAnyLongerIsAGap() throws Exception {
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail, "Last-Event-ID", "of-another-ring-7")) {
            Event gap = onlooker.next();
            assertThat(gap.type()).isEqualTo("gap");
            assertThat(gap.json().get("missed").isNull()).isTrue();
        }
    }

    @Test
    void whoFallsBehindIsToldHowMuchIsMissing() throws Exception {
        String last;
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail)) {
            post(message(1, "a", "{}"));
            last = onlooker.next(2).getLast().id();
        }
        try (Onlooker quick = new Onlooker(gateway, reader, tail + "?host=none")) {
            assertThat(post(messages(2, 100)).status()).isEqualTo(202);
            await(() -> quick.lastId().endsWith("-202"));
        }
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail, "Last-Event-ID", last)) {
            int missed = 0;
            int seen = 0;
            while (missed + seen < 200) {
                Event event = onlooker.next();
                if (event.type().equals("gap")) {
                    missed += event.json().get("missed").asInt();
                } else {
                    seen++;
                }
            }
            assertThat(missed + seen).isEqualTo(200);
            assertThat(missed).isGreaterThanOrEqualTo(200 - RING_BYTES / 900);
        }
    }

    @Test
    void aHeartbeatComesWhenNothingElseDoes() throws Exception {
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail)) {
            await(() -> onlooker.comments() >= 4);
            assertThat(onlooker.lastId()).endsWith("-0");
        }
    }

    @Test
    void aReaderThatTakesNothingHoldsNeitherMemoryNorIntakeNorItsSeat() throws Exception {
        Tails tails = gateway.part(Tails.class);
        long before = System.nanoTime();
        try (Socket idle = connect(gateway);
                Onlooker other = new Onlooker(gateway, reader, tail + "?name=last")) {
            await(() -> tails.readers() == 2);
            int posted = 0;
            long most = 0;
            // As much as it takes for the connection to be full, whatever its buffers, and a second more.
            while (tails.readers() == 2) {
                assertThat(post(messages(1 + posted * 100, 100)).status()).isEqualTo(202);
                posted++;
                most = Math.max(most, tails.bytes());
                assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMinutes(1));
            }
            assertThat(posted).isGreaterThan(2);
            assertThat(most).isLessThanOrEqualTo(READERS * RING_BYTES + WAITING_BYTES);

            List<Event> shown = new ArrayList<>();
            await(() -> {
                // Deliveries of what was posted above may take this one's place in the ring.
                post(message(1, "last", "{}"));
                shown.addAll(other.soFar());
                return shown.stream().anyMatch(event -> !event.type().equals("gap"));
            });
            assertThat(shown)
                    .allMatch(event ->
                            event.type().equals("gap") || event.text("name").equals("last"));
            assertThat(idle.isConnected()).isTrue();
        }
    }

    /** A client that asks for the tail and reads nothing. */
    private Socket connect(RunningGateway at) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(2048);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), at.port()));
        socket.getOutputStream()
                .write(("GET " + tail + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + reader + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    void noMoreLookOnThanMay() throws Exception {
        Registered second = Registered.in(gateway);
        Registered third = Registered.in(gateway);
        try (Onlooker one = new Onlooker(gateway, reader, tail);
                Onlooker two = new Onlooker(gateway, reader, tail)) {
            Answer full = gateway.call(reader, "GET", tail, null);
            assertThat(full.status()).isEqualTo(429);
            assertThat(full.text("code")).isEqualTo("too-many-readers");
            assertThat(full.json().get("limit").asInt()).isEqualTo(2);
            assertThat(full.header("Retry-After")).isEqualTo("5");
            try (Onlooker three = new Onlooker(gateway, RunningGateway.ADMIN, second.path() + "/events");
                    Onlooker four = new Onlooker(gateway, second.token("owner"), second.path() + "/events")) {
                Answer fullForAll = gateway.admin("GET", third.path() + "/events", null);
                assertThat(fullForAll.status()).isEqualTo(503);
                assertThat(fullForAll.text("code")).isEqualTo("overloaded");
                assertThat(List.of(one, two, three, four))
                        .hasSize(gateway.part(Tails.class).readers());
            }
        }
    }

    @Test
    void itEndsWithItsToken() throws Exception {
        Answer made = gateway.admin(
                "POST",
                "/api/v1/tokens",
                "{\"role\": \"reader\", \"name\": \"r\", \"database\": \"" + database.name() + "\"}");
        try (Onlooker onlooker = new Onlooker(gateway, made.text("secret"), tail)) {
            gateway.admin("DELETE", "/api/v1/tokens/" + made.text("id"), null);
            post(message(1, "secret", "{}"));

            Event end = onlooker.next();
            assertThat(end.type()).isEqualTo("end");
            assertThat(end.text("reason")).isEqualTo("token-invalid");
            assertThat(onlooker.next().type()).isEqualTo("closed");
        }
    }

    @Test
    void itEndsWithItsDatabase() throws Exception {
        try (Onlooker onlooker = new Onlooker(gateway, reader, tail)) {
            assertThat(gateway.admin("DELETE", database.path() + "?discard=true", null)
                            .status())
                    .isEqualTo(204);

            assertThat(onlooker.next().text("reason")).isEqualTo("database-removed");
            assertThat(onlooker.next().type()).isEqualTo("closed");
        }
    }

    @Test
    void aStopEndsItAndWaitsForNobodyLong() throws Exception {
        RunningGateway stopped = startGateway("stopped");
        try {
            register(stopped, "\"size\": \"large\"");
            try (Onlooker onlooker = new Onlooker(stopped, reader, tail + "?host=none");
                    Socket idle = connect(stopped)) {
                for (int i = 0; i < 20; i++) {
                    post(stopped, messages(1 + i * 100, 100));
                }
                long begin = System.nanoTime();
                stopped.close();

                Event end = onlooker.next();
                while (end.type().equals("gap")) {
                    end = onlooker.next();
                }
                assertThat(end.text("reason")).isEqualTo("stopping");
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
                assertThat(idle.isConnected()).isTrue();
            }
        } finally {
            stopped.close();
        }
    }

    @Test
    void nothingIsHandedOverForADatabaseThatNobodyLooksAt() throws Exception {
        Tails tails = gateway.part(Tails.class);
        Registered other = Registered.in(gateway);
        try (Onlooker onlooker = new Onlooker(gateway, other.token("owner"), other.path() + "/events")) {
            assertThat(post(messages(1, 10)).status()).isEqualTo(202);
            assertThat(tails.isWatching(database.name())).isFalse();
            assertThat(tails.isWatching(other.name())).isTrue();
            await(() -> onlooker.lastId().endsWith("-0"));
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }
}
