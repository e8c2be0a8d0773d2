package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
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

    private static final Pattern LEDGER = Pattern.compile(
            "ledger: seen (\\d+), captured (\\d+), accepted (\\d+), rejected (\\d+), waiting (\\d+), lost (\\d+)");

    private static final Pattern SECONDS = Pattern.compile("events: from (\\d+) to (\\d+)");

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
        assertLedger(run.line("ledger: "), 45);
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

    /** 2,000 events while it is killed, and eight times the example's five. */
    @Test
    void whatBecomesOfTheModuleOfTheFunctionsAndOfTheLoaderNoCallIsMissed() {
        Registered database = gateway.register("lives");
        VirtualMachine machine = new VirtualMachine(folder, VirtualMachine.Kernel.DEBIAN_12);

        VirtualMachine.Run run = machine.run("module-life", database, Map.of("SANDBOX", database.sandbox()));

        assertThat(run.exitCode()).as(run.console()).isZero();
        assertThat(run.console())
                .contains(
                        "vm: without the functions the exit code is 3",
                        "vm: before the module there is a probe by tracefs",
                        "vm: unloaded and loaded again at once, five times",
                        "vm: killed while events are emitted",
                        "vm: after detach nothing is left",
                        "vm: unloaded while probed by perf_event_open, and attached again");
        assertThat(run.lines("without the functions: "))
                .anySatisfy(line -> assertThat(line).contains("register_telemetry"))
                .noneSatisfy(line -> assertThat(line).contains("\tat "));
        assertThat(run.lines("ledger: "))
                .hasSize(2)
                .satisfiesExactly(line -> assertLedger(line, 2_035), line -> assertLedger(line, 2_045));
        assertArrivedInOrder("lives", 2_045);
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
        List<Long> ledger = ledger(run.line("ledger: "));
        long captured = ledger.get(1);
        assertThat(captured).as(run.console()).isBetween(45 + 5 + 100L, 2_054L);
        assertThat(ledger).containsExactly(2_055L, captured, captured, 0L, 0L, 2_055 - captured);
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

    /** By the others the other tests capture: tracefs for functions in a module, kprobe for the kernel's own. */
    @Test
    void kprobeMultiCapturesTheSameCalls() {
        Registered database = gateway.register("mechanisms");
        VirtualMachine machine = new VirtualMachine(folder, VirtualMachine.Kernel.DEBIAN_13);

        VirtualMachine.Run run = machine.run(
                "mechanisms", database, Map.of("SANDBOX", database.sandbox(), "MECHANISMS", "kprobe.multi"));

        assertThat(run.exitCode()).as(run.console()).isZero();
        assertThat(run.console()).contains("vm: captured by kprobe.multi");
        assertArrivedInOrder("mechanisms", 5);
    }

    /** The guard's second holds all but the storm, and so does the ring. */
    @ParameterizedTest
    @EnumSource
    void oddCallsDoNoHarmArriveAsTheyShouldAndAreAllAccountedFor(VirtualMachine.Kernel kernel) {
        String name = "odd-" + kernel;
        Registered database = gateway.register(name, "\"size\": \"large\"");
        VirtualMachine machine = new VirtualMachine(folder, kernel).withCpus(2);

        VirtualMachine.Run run = machine.run(
                "odd-calls",
                database,
                Map.of(
                        "SANDBOX",
                        database.sandbox(),
                        "TELEMETRY_HOST_RING_SIZE",
                        "512KiB",
                        "TELEMETRY_HOST_GUARD_EVENTS_PER_SECOND",
                        "5000"));

        assertThat(run.exitCode()).as(run.console()).isZero();
        OddCalls calls = OddCalls.of(run);
        List<Long> ledger = ledger(run.line("ledger: "));
        calls.assertLedger(ledger);
        long accepted = ledger.get(2);
        Eventually.within(
                Duration.ofSeconds(60),
                () -> assertThat(lanternRock.records(name)).hasSize((int) accepted));
        calls.assertTexts(lanternRock.records(name));
    }

    /** Both clocks are the guest's own, and the seconds that it tells are whole. */
    @Test
    void theTimeOfAnEventIsTheWallClocksThoughThatIsSetAndTheMachineSleeps() {
        Registered database = gateway.register("clocks");
        VirtualMachine machine = new VirtualMachine(folder, VirtualMachine.Kernel.DEBIAN_13);

        VirtualMachine.Run run = machine.run("clocks", database, Map.of("SANDBOX", database.sandbox()));

        assertThat(run.exitCode()).as(run.console()).isZero();
        long slept = Long.parseLong(run.line("slept: ").replaceAll("\\D", ""));
        assertThat(slept).as("ms that only the boot-time clock went on").isGreaterThan(2_000);
        List<String> seconds = run.lines("events: ");
        assertThat(seconds).hasSize(4);
        assertArrivedInOrder("clocks", 5L * seconds.size());
        List<JsonNode> records = lanternRock.records("clocks");
        for (int i = 0; i < records.size(); i++) {
            assertEmittedWithin(seconds.get(i / 5), records.get(i));
        }
    }

    private static void assertEmittedWithin(String seconds, JsonNode record) {
        Matcher span = SECONDS.matcher(seconds);
        assertThat(span.find()).as(seconds).isTrue();
        assertThat(Instant.parse(record.path("time").asString()))
                .as(seconds)
                .isBetween(
                        Instant.ofEpochSecond(Long.parseLong(span.group(1))),
                        Instant.ofEpochSecond(Long.parseLong(span.group(2)) + 1));
    }

    private void assertArrivedInOrder(String database, long events) {
        List<Long> expected = LongStream.rangeClosed(1, events).boxed().toList();
        Eventually.within(
                Duration.ofSeconds(30),
                () -> assertThat(lanternRock.records(database))
                        .extracting(record -> record.path("seq").asLong())
                        .isEqualTo(expected));
    }

    private static void assertFromTheExample(JsonNode record, Registered database) {
        assertThat(record.path("database").asString()).isEqualTo(database.database());
        assertThat(record.path("sandbox").asString()).isEqualTo(database.sandbox());
        assertThat(record.path("host").asString()).isNotBlank();
        assertThat(record.path("application").path("name").asString()).isEqualTo("hello");
        assertThat(record.path("application").path("version").asString()).isEqualTo("1.0.0");
    }

    private static void assertLedger(String line, long events) {
        assertThat(ledger(line)).as(line).containsExactly(events, events, events, 0L, 0L, 0L);
    }

    /** The line's six numbers: seen, captured, accepted, rejected, waiting, lost. */
    private static List<Long> ledger(String line) {
        Matcher matcher = LEDGER.matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        return Stream.of(1, 2, 3, 4, 5, 6)
                .map(group -> Long.parseLong(matcher.group(group)))
                .toList();
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
