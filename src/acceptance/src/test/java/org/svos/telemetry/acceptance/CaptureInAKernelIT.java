package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What can befall the capture in a running kernel, in VMs: each call arrives, or is in the ledger by what it was lost to. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CaptureInAKernelIT {

    private static final Pattern SECONDS = Pattern.compile("events: from (\\d+) to (\\d+)");

    private final LanternRockStandIn lanternRock;
    private final Gateway gateway;
    private final Path folder;

    CaptureInAKernelIT(@TempDir Path folder) {
        this.folder = folder;
        lanternRock = new LanternRockStandIn(folder);
        gateway = new Gateway(folder, lanternRock);
    }

    @AfterAll
    void stop() {
        gateway.close();
        lanternRock.close();
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
                .extracting(HostLedger::of)
                .containsExactly(HostLedger.allAccepted(2_035), HostLedger.allAccepted(2_045));
        lanternRock.awaitInOrder("lives", 2_045);
    }

    /** By the others other tests capture: tracefs for functions in a module, kprobe for the kernel's own. */
    @Test
    void kprobeMultiCapturesTheSameCalls() {
        Registered database = gateway.register("mechanisms");
        VirtualMachine machine = new VirtualMachine(folder, VirtualMachine.Kernel.DEBIAN_13);

        VirtualMachine.Run run = machine.run(
                "mechanisms", database, Map.of("SANDBOX", database.sandbox(), "MECHANISMS", "kprobe.multi"));

        assertThat(run.exitCode()).as(run.console()).isZero();
        assertThat(run.console()).contains("vm: captured by kprobe.multi");
        lanternRock.awaitInOrder("mechanisms", 5);
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
        HostLedger ledger = HostLedger.of(run.line("ledger: "));
        calls.assertLedger(ledger);
        Eventually.within(
                Duration.ofSeconds(60),
                () -> assertThat(lanternRock.records(name)).hasSize((int) ledger.accepted()));
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
        lanternRock.awaitInOrder("clocks", 5L * seconds.size());
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
}
