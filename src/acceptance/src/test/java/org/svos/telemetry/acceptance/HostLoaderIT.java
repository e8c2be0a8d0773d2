package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host loader on this machine's own kernel: by uprobes where it captures, and what it says where it cannot. */
class HostLoaderIT {

    private static final Duration DELIVERY = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void theGatewayMayBeDownAndWhatWasCapturedArrivesOnceItIsBack() {
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(folder, lanternRock)) {
            Registered database = gateway.register("away");
            try (HostLoader loader = new HostLoader(folder, database)) {
                loader.runExample(5, database.sandbox());
                Eventually.within(
                        DELIVERY, () -> assertThat(lanternRock.records("away")).hasSize(10));

                gateway.kill();
                loader.runExample(15, database.sandbox());
                assertThat(loader.stop())
                        .isEqualTo("ledger: seen 30, captured 30, accepted 10, rejected 0, waiting 20, lost 0");

                loader.startAgain();
                gateway.startAgain();
                List<Long> expected = LongStream.rangeClosed(1, 30).boxed().toList();
                Eventually.within(
                        DELIVERY,
                        () -> assertThat(lanternRock.records("away"))
                                .extracting(line -> line.path("seq").asLong())
                                .isEqualTo(expected));
                assertThat(loader.stop())
                        .isEqualTo("ledger: seen 30, captured 30, accepted 30, rejected 0, waiting 0, lost 0");
            }
            assertThat(gateway.ledger("away").path("sequenceGaps").asLong()).isZero();
            assertThat(gateway.ledger("away").path("imbalance").asLong()).isZero();
        }
    }

    @Test
    void aKernelWithoutTheFunctionsOrWithoutKprobesIsNamedWithExitCode3() {
        Child loader = HostLoader.refused(folder, List.of(), Map.of());

        boolean kprobes = Files.exists(Path.of("/sys/bus/event_source/devices/kprobe"));
        assertRefused(loader, kprobes ? "register_telemetry" : "kprobes");
    }

    @Test
    void aLibraryWithoutTheFunctionsIsNamedWithExitCode3() {
        Child loader = HostLoader.refused(
                folder,
                List.of(),
                Map.of(
                        "TELEMETRY_HOST_ATTACH_MECHANISM",
                        "uprobe",
                        "TELEMETRY_HOST_ATTACH_LIBRARY",
                        Build.GATEWAY.toString()));

        assertRefused(loader, Build.GATEWAY.toString());
    }

    @Test
    void aLackOfPrivilegeIsNamedWithExitCode3() {
        List<String> withoutCapabilities = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");

        Child loader = HostLoader.refused(folder, withoutCapabilities, Map.of());

        assertRefused(loader, "CAP_BPF");
    }

    @Test
    void aMissingLibbpfIsNamedWithExitCode3() {
        Child loader = HostLoader.refused(folder, List.of(), Map.of("TELEMETRY_HOST_ATTACH_LIBBPF", "libbpf.so.99"));

        assertRefused(loader, "libbpf.so.99");
    }

    @Test
    void anUnknownSettingIsBadConfigurationWithExitCode2() throws Exception {
        Path config = Files.writeString(folder.resolve("config.yaml"), "gatewai:\n  url: http://127.0.0.1:1\n");
        Child loader = Child.start(
                "the host loader",
                folder.resolve("configuration.log"),
                Map.of(),
                Child.java("96m", Build.HOST_LOADER, "run", "--config", config.toString()));

        assertThat(loader.awaitExit(Duration.ofSeconds(30))).as(loader.output()).isEqualTo(2);
        assertThat(loader.output()).contains("gatewai");
    }

    private static void assertRefused(Child loader, String named) {
        assertThat(loader.awaitExit(Duration.ofSeconds(1))).as(loader.output()).isEqualTo(3);
        assertThat(loader.output()).contains(named).doesNotContain("\tat ");
    }
}
