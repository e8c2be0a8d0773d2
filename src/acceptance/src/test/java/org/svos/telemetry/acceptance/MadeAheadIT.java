package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped jar: it starts with the wiring that its build made, unless a setting asks for parts that are not in it. */
class MadeAheadIT {

    private static final String WIRED = ", as the build wired it";

    @TempDir
    private Path folder;

    @Test
    void aStartWithTheDefaultsUsesIt() {
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(folder, lanternRock)) {
            Eventually.within(
                    Duration.ofSeconds(5), () -> assertThat(gateway.output()).contains(WIRED));
        }
    }

    @Test
    void tracesArriveWhereTheyAreAskedFor() throws Exception {
        CountDownLatch traces = new CountDownLatch(1);
        HttpServer collector = collector(traces);
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(
                        folder,
                        lanternRock.url(),
                        Child.java("256m", Build.GATEWAY),
                        Map.of(
                                "TELEMETRY_TRACING_URL",
                                "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces",
                                "TELEMETRY_TRACING_SHARE",
                                "1"))) {
            gateway.awaitReady();
            assertThat(gateway.register("drivers")
                            .post(Registered.messages(1, 1))
                            .status())
                    .isEqualTo(202);

            assertThat(traces.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(gateway.output()).contains("ready in").doesNotContain(WIRED);
        } finally {
            collector.stop(0);
        }
    }

    private static HttpServer collector(CountDownLatch traces) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/v1/traces", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, -1);
                traces.countDown();
            }
        });
        server.start();
        return server;
    }
}
