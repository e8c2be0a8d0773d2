package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * A module calls the functions in ways that a driver should not, from hard interrupts and from all CPUs at once: nothing
 * comes to harm, every text arrives as it should, and the ledger tells of each call.
 */
class OddCallsIT {

    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";
    private static final Pattern CALLS =
            Pattern.compile("calls: messages (\\d+), from interrupts (\\d+), within a probe (\\d+)");
    private static final Pattern KERNEL = Pattern.compile("vm: kernel (\\d+)\\.(\\d+)");

    /** Pointers that lead nowhere, tried as sandbox, as name and as payload. */
    private static final int BAD_POINTERS = 5;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void theyDoNoHarmArriveAsTheyShouldAndAreAllAccountedFor(VirtualMachine.Kernel kernel) {
        try (LanternRockStandIn lanternRock = new LanternRockStandIn(folder);
                Gateway gateway = new Gateway(folder, lanternRock)) {
            Registered database = gateway.register("odd", "\"size\": \"large\"", SANDBOX);

            VirtualMachine.Run run =
                    new VirtualMachine(folder, kernel).withCpus(2).run("odd-calls", database, Map.of());

            assertThat(run.exitCode()).as(run.console()).isZero();
            int events = assertLedger(run);
            Eventually.within(
                    Duration.ofSeconds(60),
                    () -> assertThat(lanternRock.records("odd")).hasSize(events));
            assertTexts(lanternRock.records("odd"), run);
        }
    }

    /** Returns how many events are to be delivered. */
    private static int assertLedger(VirtualMachine.Run run) {
        Matcher calls = CALLS.matcher(run.line("calls: "));
        assertThat(calls.find()).isTrue();
        int nested = Integer.parseInt(calls.group(3));
        // Kernels before 6.7 tell nobody of a call that hits within a probe.
        int told = tellsWhatItMissed(run) ? nested : 0;
        int seen = Integer.parseInt(calls.group(1)) + 4 - nested + told;
        int captured = seen - told - BAD_POINTERS;
        int noSandbox = 2;
        int noNameOrPayload = 2 * BAD_POINTERS + 1;
        int accepted = captured - noSandbox - noNameOrPayload;

        assertThat(Integer.parseInt(calls.group(2)))
                .as("calls from hard interrupts")
                .isPositive();
        assertThat(run.line("ledger: "))
                .isEqualTo("ledger: seen %d, captured %d, accepted %d, rejected %d, waiting 0, lost %d"
                        .formatted(seen, captured, accepted, noSandbox + noNameOrPayload, BAD_POINTERS + told));
        assertThat(run.line("status: hook telemetry_msg"))
                .endsWith("ring full 0, probe fault %d, recursion %d, throttled 0".formatted(BAD_POINTERS, told));
        assertThat(run.line("status: cpu 0")).isNotBlank();
        assertThat(run.line("status: cpu 1")).isNotBlank();
        assertThat(run.console())
                .contains("telemetry_host_ledger_imbalance_events{sum=\"kernel\"} 0")
                .contains("telemetry_host_ledger_imbalance_events{sum=\"loader\"} 0")
                .contains("telemetry_host_truncated_total{text=\"payload\"} 2");
        return accepted;
    }

    private static boolean tellsWhatItMissed(VirtualMachine.Run run) {
        Matcher kernel = KERNEL.matcher(run.line("vm: kernel "));
        assertThat(kernel.find()).isTrue();
        int major = Integer.parseInt(kernel.group(1));
        return major > 6 || (major == 6 && Integer.parseInt(kernel.group(2)) >= 7);
    }

    private static void assertTexts(List<JsonNode> records, VirtualMachine.Run run) {
        Map<String, List<JsonNode>> byName = records.stream()
                .collect(Collectors.groupingBy(record -> record.path("name").asString("")));
        assertThat(byName).doesNotContainKeys("bad sandbox", "bad payload", "no sandbox", "runs off the end", "nested");
        assertThat(raw(byName, "just fits")).isEqualTo("x".repeat(4095));
        assertThat(raw(byName, "one too long")).isEqualTo("x".repeat(4095));
        assertThat(raw(byName, "fills up to the end")).isEqualTo("x".repeat(4095));
        assertThat(raw(byName, "short at the end")).isEqualTo("xx");
        assertThat(byName.get(""))
                .anySatisfy(
                        record -> assertThat(record.path("payload").path("_raw").asString("none"))
                                .isEmpty());
        assertThat(byName.get("not UTF-8 \uFFFD\uFFFD"))
                .singleElement()
                .satisfies(record -> assertThat(
                                record.path("payload").path("bytes").asString())
                        .isEqualTo("\uFFFD\uFFFD \uFFFD \uFFFD"));
        Matcher calls = CALLS.matcher(run.line("calls: "));
        assertThat(calls.find()).isTrue();
        assertThat(byName.get("hard interrupt")).hasSize(Integer.parseInt(calls.group(2)));
        assertThat(byName.get("task"))
                .hasSize(2000)
                .allSatisfy(
                        record -> assertThat(record.path("payload").path("all").asString())
                                .isEqualTo("at once"));
    }

    private static String raw(Map<String, List<JsonNode>> records, String name) {
        List<JsonNode> found = records.getOrDefault(name, List.of());
        assertThat(found).as(name).hasSize(1);
        return found.getFirst().path("payload").path("_raw").asString();
    }
}
