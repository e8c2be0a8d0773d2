package org.svos.telemetry.gateway.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.svos.telemetry.gateway.intake.IntakeServer.Tenant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A gateway that is sent anything, and what must hold of each answer and after the last. */
final class FuzzedEdge implements AutoCloseable {

    private static final int PLACES = 64;
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int MOST_FOR_A_DETAIL = 1_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String PROBLEM = "\r\ncontent-type: application/problem+json";
    private static final String BODY =
            "{\"events\":[{\"seq\":1,\"kind\":\"session_end\",\"time\":\"2026-11-22T09:31:00Z\"}]}";

    private final IntakeServer server;
    private final Tenant tenant;
    private final RequestTemplate template;
    private final Held atFirst;

    private FuzzedEdge(IntakeServer server, Tenant tenant) throws Exception {
        this.server = server;
        this.tenant = tenant;
        this.template = new RequestTemplate(tenant);
        for (int i = 0; i < 20; i++) {
            checkGoodBatchIsTaken("first-" + i);
        }
        this.atFirst = Held.now();
    }

    static FuzzedEdge start(Path data) throws Exception {
        IntakeServer server = IntakeServer.start(
                data,
                "telemetry.intake.concurrent-requests=" + PLACES,
                "telemetry.intake.body-timeout=2s",
                "telemetry.lantern-rock.url=http://127.0.0.1:1",
                "logging.level.root=error");
        return new FuzzedEdge(server, server.tenant(1_000_000_000_000_000L, 1_000_000_000, 1_000_000_000, "enforce"));
    }

    /** Sends it, says that there is no more, and hears what comes back until the gateway closes. */
    void send(byte[] input) throws IOException {
        byte[] sent = template.filledIn(input);
        byte[] came = exchange(sent);
        try {
            for (Heard answer : answers(new String(came, ISO_8859_1))) {
                check(answer);
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "sent:\n" + new String(sent, ISO_8859_1) + "\ncame:\n" + new String(came, ISO_8859_1), e);
        }
    }

    private byte[] exchange(byte[] sent) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            try {
                OutputStream out = socket.getOutputStream();
                out.write(sent);
                out.flush();
                socket.shutdownOutput();
                return socket.getInputStream().readAllBytes();
            } catch (SocketException e) {
                // Cut off, with what it had not read: its answer, if it gave one, may be gone with it.
                return new byte[0];
            }
        }
    }

    /** One answer, with the names of its headers in lower case. */
    private record Heard(int status, String head, String body) {}

    private static List<Heard> answers(String came) {
        List<Heard> answers = new ArrayList<>();
        int at = 0;
        while (at < came.length()) {
            if (came.startsWith("{", at)) {
                // A request line without a version is HTTP/0.9, whose answers have no head; it is the connection's
                // last.
                String body = came.substring(at);
                answers.add(new Heard(JSON.readTree(body).path("status").asInt(200), PROBLEM, body));
                break;
            }
            int headEnd = came.indexOf("\r\n\r\n", at);
            assertThat(came.substring(at)).startsWith("HTTP/1.1 ");
            assertThat(headEnd).as("the end of the answer's head").isPositive();
            String head = came.substring(at, headEnd + 2).toLowerCase(Locale.ROOT);
            int bodyAt = headEnd + 4;
            StringBuilder body = new StringBuilder();
            at = readBody(came, head, bodyAt, body);
            answers.add(new Heard(Integer.parseInt(head.substring(9, 12)), head, body.toString()));
        }
        return answers;
    }

    /** Takes the answer's body to where the next answer begins. Every body of ours is JSON. */
    private static int readBody(String came, String head, int bodyAt, StringBuilder body) {
        int length = head.indexOf("\r\ncontent-length: ");
        if (length >= 0) {
            int from = length + "\r\ncontent-length: ".length();
            int bodyEnd = bodyAt + Integer.parseInt(head.substring(from, head.indexOf("\r\n", from)));
            // The answer to HEAD tells a length and has no body.
            boolean whole = came.startsWith("{", bodyAt) && bodyEnd <= came.length() && came.charAt(bodyEnd - 1) == '}';
            body.append(came, bodyAt, whole ? bodyEnd : bodyAt);
            return bodyAt + body.length();
        }
        if (came.startsWith("HTTP/", bodyAt) || bodyAt == came.length()) {
            return bodyAt;
        }
        if (!head.contains("\r\ntransfer-encoding: chunked\r\n")) {
            // To a client of HTTP/1.0: the body ends with the connection.
            assertThat(head).contains("\r\nconnection: close\r\n");
            body.append(came, bodyAt, came.length());
            return came.length();
        }
        return readChunks(came, bodyAt, body);
    }

    private static int readChunks(String came, int bodyAt, StringBuilder body) {
        int at = bodyAt;
        while (true) {
            int sizeEnd = came.indexOf("\r\n", at);
            assertThat(sizeEnd).as("the end of a chunk's size").isPositive();
            int size = Integer.parseInt(came.substring(at, sizeEnd), 16);
            int end = sizeEnd + 2 + size;
            assertThat(came.startsWith("\r\n", end))
                    .as("a chunk that came whole")
                    .isTrue();
            body.append(came, sizeEnd + 2, end);
            at = end + 2;
            if (size == 0) {
                return at;
            }
        }
    }

    private static void check(Heard answer) {
        int status = answer.status();
        assertThat(status == 100 || status / 100 == 2 || status / 100 == 4 || status == 503 || status == 507)
                .as("the status %d", status)
                .isTrue();
        if (status >= 400 && !answer.body().isEmpty()) {
            assertThat(answer.head()).contains(PROBLEM);
            JsonNode problem = JSON.readTree(answer.body().getBytes(ISO_8859_1));
            assertThat(problem.path("status").asInt()).isEqualTo(status);
            assertThat(problem.path("code").asString("")).isNotBlank();
            assertThat(problem.path("detail").asString(""))
                    .as("a detail that shows no more of the request than a person reads")
                    .isNotBlank()
                    .hasSizeLessThan(MOST_FOR_A_DETAIL);
        }
    }

    /** The gateway holds no more than at first, takes a batch, and its ledger adds up. */
    void checkNothingStayedBehind() throws Exception {
        checkGoodBatchIsTaken("last");
        Held least = Held.now();
        for (int i = 0; i < 50 && !least.isAbout(atFirst); i++) {
            Thread.sleep(Duration.ofMillis(200));
            least = Held.now();
        }
        assertThat(least.isAbout(atFirst)).as("%s, at first %s", least, atFirst).isTrue();
        checkPlacesAreFree();
        JsonNode ledger = server.admin("GET", "/api/v1/ledger", "");
        assertThat(ledger.path("imbalance").asInt(-1)).as(ledger.toString()).isZero();
    }

    private void checkGoodBatchIsTaken(String key) throws Exception {
        assertThat(server.post(
                                server.batches(tenant.sandbox())
                                        .header("Authorization", "Bearer " + tenant.token())
                                        .header("Content-Type", "application/json")
                                        .header("Idempotency-Key", key),
                                BODY.getBytes(UTF_8))
                        .status())
                .isEqualTo(202);
    }

    private void checkPlacesAreFree() {
        List<Capacity.Place> places = new ArrayList<>();
        for (Capacity.Place place = server.capacity().enter();
                place != null;
                place = server.capacity().enter()) {
            places.add(place);
        }
        places.forEach(Capacity.Place::close);
        assertThat(places).hasSize(PLACES);
    }

    /** What a leak would make more of. */
    private record Held(long heapBytes, int threads, int files) {

        private static final long HEAP_SLACK = 48L << 20;
        private static final int THREAD_SLACK = 12;
        private static final int FILE_SLACK = 12;

        static Held now() {
            System.gc();
            String[] open = new File("/proc/self/fd").list();
            return new Held(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    open == null ? 0 : open.length);
        }

        boolean isAbout(Held atFirst) {
            return heapBytes <= atFirst.heapBytes + HEAP_SLACK
                    && threads <= atFirst.threads + THREAD_SLACK
                    && files <= atFirst.files + FILE_SLACK;
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
