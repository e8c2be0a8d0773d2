package org.svos.telemetry.lanternrock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.lanternrock.RawServer.Content;
import org.svos.telemetry.lanternrock.http.HttpSettings;
import org.svos.telemetry.lanternrock.http.Tenant;

/** What an adapter does about servers that are none, are slow, or say too much. */
interface WireRules extends Adapting {

    int MAX_WORDS = 4 * 1024;

    @Test
    default void nobodyThereIsRetriedAndSaid() throws Exception {
        URI nobody;
        try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            nobody = URI.create("http://127.0.0.1:" + free.getLocalPort());
        }
        assertThat(towards(nobody, null).deliver(delivery("k1")))
                .isInstanceOfSatisfying(
                        Receipt.Retry.class, retry -> assertThat(retry.why()).contains("connect", nobody.toString()));
    }

    @Test
    default void aConnectionIsUsedAgain() throws Exception {
        try (RawServer server = RawServer.start(RawServer.always(200, taken()))) {
            LanternRock adapter = towards(server.uri(), null);
            for (int i = 0; i < 5; i++) {
                assertThat(adapter.deliver(delivery("k" + i))).isEqualTo(new Receipt.Delivered());
            }
            assertThat(server.requests()).hasSize(5);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    default void theTraceThatADeliveryIsPartOfGoesWithIt() throws Exception {
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        try (RawServer server = RawServer.start(RawServer.always(200, taken()))) {
            LanternRock adapter = towards(server.uri(), null);
            TRACEPARENT.set(trace);
            try {
                adapter.deliver(delivery("k1"));
            } finally {
                TRACEPARENT.remove();
            }
            adapter.deliver(delivery("k2"));
            assertThat(server.requests().stream().map(request -> request.header("traceparent")))
                    .containsExactly(trace, null);
        }
    }

    @Test
    default void theTenantIsToldOfEachDatabase() throws Exception {
        try (RawServer server = RawServer.start(RawServer.always(200, taken()))) {
            LanternRock adapter = adapter(
                    new HttpSettings(
                            server.uri(),
                            null,
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(20),
                            new Tenant("X-Scope-OrgID", "kernel {database}")),
                    null);
            adapter.deliver(LanternRockContract.messages("lab", "k1", "loaded"));
            adapter.deliver(LanternRockContract.messages("field", "k2", "loaded"));
            assertThat(server.requests())
                    .extracting(request -> request.header("x-scope-orgid"))
                    .containsExactly("kernel lab", "kernel field");
        }
    }

    @Test
    default void aRefusalKeepsTheConnection() throws Exception {
        try (RawServer server =
                RawServer.start(RawServer.always(422, new Content("text/plain", "no".repeat(50_000))))) {
            LanternRock adapter = towards(server.uri(), null);
            for (int i = 0; i < 3; i++) {
                assertThat(adapter.deliver(delivery("k" + i))).isInstanceOf(Receipt.Refused.class);
            }
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SSH-2.0-OpenSSH_9.2\r\n",
                "HTTP/1.1\r\n\r\n",
                "HTTP/1.1 two hundred\r\n\r\n",
                "HTTP/1.1 200 x\r\nContent-Le",
                "HTTP/1.1 503 x\r\nContent-Length: 5\r\n\r\nab",
            })
    default void whatIsNoAnswerIsTriedAgain(String bytes) throws Exception {
        try (RawServer server = RawServer.start((request, out) -> {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return false;
        })) {
            assertThat(towards(server.uri(), null).deliver(delivery("k1"))).isInstanceOf(Receipt.Retry.class);
        }
    }

    @Test
    default void endlessHeadersAreTriedAgain() throws Exception {
        try (RawServer server = RawServer.start((request, out) -> {
            out.write("HTTP/1.1 200 x\r\n".getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < 10_000; i++) {
                out.write(("X-" + i + ": " + "x".repeat(100) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            }
            return false;
        })) {
            assertThat(towards(server.uri(), null).deliver(delivery("k1"))).isInstanceOf(Receipt.Retry.class);
        }
    }

    @Test
    default void anAnswerThatDripsEndsWithTheTimeout() throws Exception {
        try (RawServer server = RawServer.start((request, out) -> {
            out.write("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < 100; i++) {
                out.write(' ');
                out.flush();
                Thread.sleep(100);
            }
            return false;
        })) {
            var settings = new HttpSettings(server.uri(), null, Duration.ofSeconds(5), Duration.ofMillis(400));
            long begin = System.nanoTime();
            assertThat(adapter(settings, null).deliver(delivery("k1")))
                    .isInstanceOfSatisfying(
                            Receipt.Retry.class,
                            retry -> assertThat(retry.why()).contains("PT0.4S"));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
        }
    }

    @Test
    default void anEndlessAnswerIsCutOff() throws Exception {
        var written = new AtomicLong();
        try (RawServer server = RawServer.start((request, out) -> {
            out.write("HTTP/1.1 422 x\r\nContent-Type: text/plain\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            byte[] more = "too much ".repeat(1_000).getBytes(StandardCharsets.ISO_8859_1);
            while (written.addAndGet(more.length) < 1L << 30) {
                out.write(more);
            }
            return false;
        })) {
            assertThat(towards(server.uri(), null).deliver(delivery("k1")))
                    .isInstanceOfSatisfying(
                            Receipt.Refused.class,
                            refused -> assertThat(refused.answer())
                                    .startsWith("too much")
                                    .hasSizeLessThanOrEqualTo(MAX_WORDS));
        }
        assertThat(written).hasValueLessThan(1L << 26);
    }

    /** Whether the client has looked at the status before it sees the end is a matter of moments; neither way loses anything. */
    @Test
    default void aRefusalThatBreaksOffIsARefusalOrIsTriedAgain() throws Exception {
        try (RawServer server = RawServer.start((request, out) -> {
            out.write("HTTP/1.1 422 x\r\nContent-Length: 100\r\n\r\nbad".getBytes(StandardCharsets.ISO_8859_1));
            return false;
        })) {
            Receipt receipt = towards(server.uri(), null).deliver(delivery("k1"));
            if (!(receipt instanceof Receipt.Retry)) {
                assertThat(receipt).isEqualTo(new Receipt.Refused(422, "bad"));
            }
        }
    }

    @Test
    default void bytesThatAreNoTextCanBeKeptByEveryStore() throws Exception {
        Content bytes = new Content("text/plain", "a\0b\u00ff\u00fe");
        try (RawServer server = RawServer.start(RawServer.always(403, bytes))) {
            assertThat(towards(server.uri(), null).deliver(delivery("k1")))
                    .isEqualTo(new Receipt.Parked(403, "a\ufffdb\ufffd\ufffd"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-1", "", "Thu, 99 Foo 2026"})
    default void aRetryAfterThatIsNoneIsPassedOver(String value) throws IOException, InterruptedException {
        try (RawServer server =
                RawServer.start(RawServer.always(503, new Content("text/plain", ""), "Retry-After: " + value))) {
            assertThat(towards(server.uri(), null).deliver(delivery("k1")))
                    .isEqualTo(new Receipt.Retry("status 503", null));
        }
    }
}
