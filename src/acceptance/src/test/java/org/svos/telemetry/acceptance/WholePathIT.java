package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** From calls in a running kernel to Lantern Rock's files: a VM, its kernel's kprobes, every station real. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WholePathIT {

    /** What the example module emits for, if it is not told otherwise. */
    private static final String EXAMPLE_SANDBOX = "00000000-1111-2222-3333-444444444444";

    private final LanternRockStandIn lanternRock;
    private final Gateway gateway;
    private final Path folder;

    WholePathIT(@TempDir Path folder) {
        this.folder = folder;
        lanternRock = new LanternRockStandIn(folder);
        gateway = new Gateway(folder, lanternRock);
    }

    @AfterAll
    void stop() {
        gateway.close();
        lanternRock.close();
    }

    /** A sandbox belongs to one database: the first has the one that the example has of itself, the others their own. */
    private static String sandbox(VirtualMachine.Kernel kernel) {
        return kernel == VirtualMachine.Kernel.DEBIAN_12
                ? EXAMPLE_SANDBOX
                : UUID.nameUUIDFromBytes(kernel.toString().getBytes(StandardCharsets.UTF_8))
                        .toString();
    }

    @ParameterizedTest
    @EnumSource
    void theExampleCalledInAKernelArrivesInLanternRocksFiles(VirtualMachine.Kernel kernel) {
        String name = "drivers-" + kernel;
        Registered database = gateway.register(name, "\"size\": \"medium\"", sandbox(kernel));
        VirtualMachine machine = new VirtualMachine(folder, kernel);

        VirtualMachine.Run run = machine.run("demo", database, Map.of("MESSAGES", "40", "SANDBOX", sandbox(kernel)));

        assertThat(run.exitCode()).as(run.console()).isZero();
        assertThat(run.line("kernel: ")).contains("register_telemetry");
        assertThat(HostLedger.of(run.line("ledger: "))).isEqualTo(HostLedger.allAccepted(45));
        List<JsonNode> records = awaitRecords(database, 45);
        assertThat(records)
                .extracting(record -> record.path("kind").asString())
                .startsWith("register", "session_begin", "message")
                .endsWith("message", "session_end", "unregister");
        assertThat(records).allSatisfy(record -> assertFromTheExample(record, database));

        JsonNode loaded = records.get(2);
        assertThat(run.console()).contains("message=\"{ hello_world: false }\"");
        assertThat(loaded.path("name").asString()).isEqualTo("loaded");
        assertThat(loaded.path("payload")).isEqualTo(Http.JSON.readTree("{\"hello_world\": false}"));
        assertThat(loaded.path("session").asString()).isEqualTo("startup");
        assertThat(records.get(3).path("payload")).isEqualTo(Http.JSON.readTree("{\"number\": 1, \"of\": 40}"));

        JsonNode ledger = gateway.ledger(name);
        assertThat(ledger.path("accepted").asLong()).as(ledger.toString()).isEqualTo(45);
        assertThat(ledger.path("delivered").asLong()).as(ledger.toString()).isEqualTo(45);
        assertThat(ledger.path("sequenceGaps").asLong()).as(ledger.toString()).isZero();
        assertThat(ledger.path("imbalance").asLong()).as(ledger.toString()).isZero();
    }

    /** Ring of 64 KiB: some 500 of the example's messages. */
    @ParameterizedTest
    @EnumSource(names = {"DEBIAN_13", "PATCHED"})
    void callsOfEarlyBootWaitForTheLoaderAndThoseThatFindNoRoomAreCounted(VirtualMachine.Kernel kernel) {
        String name = "early-" + kernel;
        Registered database = gateway.register(name);
        VirtualMachine machine = new VirtualMachine(folder, kernel);

        VirtualMachine.Run run = machine.run(
                "early", database, Map.of("SANDBOX", database.sandbox()), "svos_telemetry_early=" + 64 * 1024);

        assertThat(run.exitCode()).as(run.console()).isZero();
        assertThat(run.console())
                .contains(
                        "calls after",
                        "vm: the loader goes on with the ring of early boot",
                        "vm: after detach nothing is left");
        HostLedger ledger = HostLedger.of(run.line("ledger: "));
        long captured = ledger.captured();
        assertThat(captured).as(run.console()).isBetween(45 + 5 + 100L, 2_054L);
        assertThat(ledger).isEqualTo(new HostLedger(2_055, captured, captured, 0, 0, 2_055 - captured));
        assertThat(gateway.ledger(name).path("hostLost").path("ringFull").asLong())
                .isEqualTo(2_055 - captured);
        List<JsonNode> records = awaitRecords(database, (int) captured);
        assertThat(records)
                .extracting(record -> record.path("seq").asLong())
                .isEqualTo(LongStream.rangeClosed(1, captured).boxed().toList());
        assertThat(records.get(44).path("kind").asString()).isEqualTo("unregister");
        assertThat(records.subList((int) captured - 5, (int) captured))
                .extracting(record -> record.path("kind").asString())
                .containsExactly("register", "session_begin", "message", "session_end", "unregister");
    }

    private static void assertFromTheExample(JsonNode record, Registered database) {
        assertThat(record.path("database").asString()).isEqualTo(database.database());
        assertThat(record.path("sandbox").asString()).isEqualTo(database.sandbox());
        assertThat(record.path("host").asString()).isNotBlank();
        assertThat(record.path("application").path("name").asString()).isEqualTo("hello");
        assertThat(record.path("application").path("version").asString()).isEqualTo("1.0.0");
    }

    /** The records in the stand-in's files, which are what it keeps over a restart; one NDJSON line each. */
    private List<JsonNode> awaitRecords(Registered database, int events) {
        Eventually.within(
                Duration.ofSeconds(30),
                () -> assertThat(lanternRock.records(database.database())).hasSize(events));
        List<JsonNode> served = lanternRock.records(database.database());
        try (Stream<Path> files = Files.walk(lanternRock.files())) {
            List<String> kept = files.filter(Files::isRegularFile)
                    .flatMap(WholePathIT::lines)
                    .toList();
            assertThat(kept).anySatisfy(line -> assertThat(line).contains(database.sandbox(), "hello_world"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return served;
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
