package org.svos.telemetry.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.svos.telemetry.gateway.RunningGateway;
import org.svos.telemetry.lanternrock.Certificates;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.RawServer;
import org.svos.telemetry.lanternrock.Receipt;
import org.svos.telemetry.lanternrock.TelemetryRecord;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;

/** Keys and trust towards Lantern Rock as files and settings give them, in a whole gateway. */
@ExtendWith(OutputCaptureExtension.class)
class LanternRockTlsTest {

    private final Certificates certificates = Certificates.of();

    @TempDir
    Path folder;

    @Test
    void certificateAndKeyAreReplacedWhileItRunsAndWhatCannotBeUsedChangesNothing(CapturedOutput output)
            throws Exception {
        write("client");
        try (RawServer server = RawServer.start(
                        certificates.context("server", "ca"),
                        RawServer.always(200, new RawServer.Content("application/json", "{}")));
                RunningGateway gateway = RunningGateway.start(folder.resolve("data"), settings(server))) {
            LanternRock lanternRock = gateway.part(GuardedLanternRock.class);
            assertThat(lanternRock.deliver(delivery("k1"))).isEqualTo(new Receipt.Delivered());

            replace("client.key", certificates.key("other-client"));
            await(() -> output.getAll().contains("the private key is not that of the certificate"));
            assertThat(output).contains("telemetry.lantern-rock.ssl-bundle");
            assertThat(lanternRock.deliver(delivery("k2"))).isEqualTo(new Receipt.Delivered());

            replace("client.pem", certificates.certificate("other-client"));
            await(() -> {
                deliver(lanternRock, "k3");
                return "CN=other-client"
                        .equals(String.valueOf(server.requests().getLast().peer()));
            });
            assertThat(server.requests().subList(0, 2))
                    .extracting(request -> String.valueOf(request.peer()))
                    .containsOnly("CN=client");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "telemetry.lantern-rock.ssl-bundle=other|There is no SSL bundle \"other\"|telemetry.lantern-rock.ssl-bundle",
                "spring.ssl.bundle.pem.lantern-rock.truststore.certificate=/no/such.pem|/no/such.pem|TELEMETRY_LANTERN_ROCK_CA_FILE",
                "spring.ssl.bundle.pem.lantern-rock.truststore.certificate=NOPEM|lantern-rock|TELEMETRY_LANTERN_ROCK_CA_FILE",
                "spring.ssl.bundle.pem.lantern-rock.keystore.private-key=OTHER|the private key is not that|TELEMETRY_LANTERN_ROCK_KEY_FILE",
            })
    void aBundleThatCannotBeUsedFailsTheStartInWords(
            String setting, String problem, String remedy, CapturedOutput output) throws IOException {
        write("client");
        String bad = setting.replace("NOPEM", file("no.pem", "no PEM"))
                .replace("OTHER", file("other.key", certificates.key("other-client")));
        assertThatThrownBy(() -> RunningGateway.start(
                folder.resolve("data"),
                "spring.ssl.bundle.pem.lantern-rock.keystore.certificate=" + folder.resolve("client.pem"),
                "spring.ssl.bundle.pem.lantern-rock.keystore.private-key=" + folder.resolve("client.key"),
                bad));
        assertThat(output)
                .contains("APPLICATION FAILED TO START", problem, remedy)
                .doesNotContain("\tat org.", "PRIVATE KEY");
    }

    private String[] settings(RawServer server) throws IOException {
        return new String[] {
            "telemetry.lantern-rock.url=" + server.uri(),
            "spring.ssl.bundle.watch.file.quiet-period=200ms",
            "spring.ssl.bundle.pem.lantern-rock.truststore.certificate="
                    + file("ca.pem", certificates.certificate("ca")),
            "spring.ssl.bundle.pem.lantern-rock.keystore.certificate=" + folder.resolve("client.pem"),
            "spring.ssl.bundle.pem.lantern-rock.keystore.private-key=" + folder.resolve("client.key"),
        };
    }

    private void write(String name) throws IOException {
        file("client.pem", certificates.certificate(name));
        file("client.key", certificates.key(name));
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private void replace(String name, String content) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), content);
        Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void deliver(LanternRock lanternRock, String key) {
        try {
            assertThat(lanternRock.deliver(delivery(key))).isEqualTo(new Receipt.Delivered());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Delivery delivery(String key) {
        var segments = new Segments("message", 1, null, null, null, null);
        return new Delivery(
                "lab",
                key,
                "00000000-1111-2222-3333-444444444444",
                null,
                null,
                List.of(),
                List.of(new TelemetryRecord("m", 1, 0, segments, Instant.EPOCH, null, "{}")));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
