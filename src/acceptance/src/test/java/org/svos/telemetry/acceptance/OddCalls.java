package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * What a run of the scenario odd-calls said, and what has to follow of it.
 *
 * @param run its console
 * @param messages that the module emitted but those of its storm
 * @param fromInterrupts those of them that were emitted from hard interrupts
 * @param nested those of them that were emitted within another probe's handler
 * @param storm messages of its storm
 */
record OddCalls(VirtualMachine.Run run, int messages, int fromInterrupts, int nested, int storm) {

    private static final Pattern CALLS =
            Pattern.compile("calls: messages (\\d+), from interrupts (\\d+), within a probe (\\d+)");
    private static final Pattern STORM = Pattern.compile("storm: messages (\\d+)");
    private static final Pattern KERNEL = Pattern.compile("vm: kernel (\\d+)\\.(\\d+)");
    private static final Pattern COUNTS = Pattern.compile("status: (hook|cpu) +(\\S+) +seen (\\d+), captured (\\d+),"
            + " ring full (\\d+), probe fault (\\d+), recursion (\\d+), throttled (\\d+)");

    /** Besides the messages there is one call of each other function. */
    private static final int OTHERS = 4;

    /** Pointers that lead nowhere, tried as sandbox, as name and as payload. */
    private static final int BAD_POINTERS = 5;

    /** What can never be valid: messages for what is no sandbox ID, without a name or a payload; a session without a name. */
    private static final int REJECTED = 2 + 2 * BAD_POINTERS + 1;

    static OddCalls of(VirtualMachine.Run run) {
        List<Integer> calls = numbers(CALLS, run.line("calls: "));
        int storm = numbers(STORM, run.line("storm: ")).getFirst();
        return new OddCalls(run, calls.get(0), calls.get(1), calls.get(2), storm);
    }

    private static List<Integer> numbers(Pattern pattern, String line) {
        return pattern.matcher(line)
                .results()
                .findFirst()
                .map(OddCalls::groups)
                .orElseThrow(() -> new AssertionError(line));
    }

    private static List<Integer> groups(MatchResult result) {
        return IntStream.rangeClosed(1, result.groupCount())
                .mapToObj(group -> Integer.parseInt(result.group(group)))
                .toList();
    }

    /** What the kernel counted of one hook or CPU. */
    private record Counts(
            String what,
            String name,
            long seen,
            long captured,
            long ringFull,
            long probeFault,
            long recursion,
            long throttled) {

        static Counts of(MatchResult line) {
            return new Counts(
                    line.group(1),
                    line.group(2),
                    Long.parseLong(line.group(3)),
                    Long.parseLong(line.group(4)),
                    Long.parseLong(line.group(5)),
                    Long.parseLong(line.group(6)),
                    Long.parseLong(line.group(7)),
                    Long.parseLong(line.group(8)));
        }

        long accountedFor() {
            return captured + ringFull + probeFault + recursion + throttled;
        }
    }

    private List<Counts> counts(String what) {
        return COUNTS.matcher(run.console())
                .results()
                .map(Counts::of)
                .filter(counts -> counts.what().equals(what))
                .toList();
    }

    /** Kernels before 6.7 tell nobody of a call that hits within another probe or program. */
    private boolean isToldWhatIsMissed() {
        List<Integer> version = numbers(KERNEL, run.line("vm: kernel "));
        return version.get(0) > 6 || (version.get(0) == 6 && version.get(1) >= 7);
    }

    /** Every cause of loss was met, and the sum holds for each hook, for each CPU, and for the host. */
    void assertLedger(HostLedger ledger) {
        List<Counts> hooks = counts("hook");
        List<Counts> cpus = counts("cpu");
        assertThat(hooks).hasSize(1 + OTHERS).allSatisfy(OddCalls::assertSum);
        assertThat(cpus)
                .hasSize(2)
                .allSatisfy(OddCalls::assertSum)
                .allSatisfy(cpu -> assertThat(cpu.captured()).isPositive());
        Counts message = hooks.stream()
                .filter(hook -> hook.name().equals("telemetry_msg"))
                .findFirst()
                .orElseThrow();
        assertThat(message.probeFault()).isEqualTo(BAD_POINTERS);
        assertThat(message.ringFull()).as(message.toString()).isPositive();
        assertThat(message.throttled()).as(message.toString()).isPositive();
        long seen = hooks.stream().mapToLong(Counts::seen).sum();
        long missed = hooks.stream().mapToLong(Counts::recursion).sum();
        assertSeen(seen, missed);
        // The kernel tells the CPUs of no call that it kept from the programs.
        assertThat(cpus.stream().mapToLong(Counts::seen).sum()).isEqualTo(seen - missed);

        long captured = hooks.stream().mapToLong(Counts::captured).sum();
        assertThat(ledger).isEqualTo(new HostLedger(seen, captured, captured - REJECTED, REJECTED, 0, seen - captured));
        assertThat(run.console())
                .contains("telemetry_host_ledger_imbalance_events{sum=\"kernel\"} 0")
                .contains("telemetry_host_ledger_imbalance_events{sum=\"loader\"} 0")
                .contains("telemetry_host_truncated_total{text=\"payload\"} 2");
    }

    private static void assertSum(Counts counts) {
        assertThat(counts.accountedFor()).as(counts.toString()).isEqualTo(counts.seen());
    }

    private void assertSeen(long seen, long missed) {
        long calls = (long) messages + storm + OTHERS;
        assertThat(fromInterrupts).as("calls from hard interrupts").isPositive();
        assertThat(nested).as("calls within a probe").isPositive();
        if (isToldWhatIsMissed()) {
            assertThat(seen).isEqualTo(calls);
            assertThat(missed).isBetween((long) nested, (long) nested + fromInterrupts);
        } else {
            assertThat(missed).isZero();
            assertThat(seen).isBetween(calls - nested - fromInterrupts, calls - nested);
        }
    }

    /** What arrived has the texts that it was emitted with, as far as they can be. */
    void assertTexts(List<JsonNode> records) {
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
        assertThat(byName.get("storm"))
                .isNotEmpty()
                .allSatisfy(
                        record -> assertThat(record.path("payload").path("_raw").asString())
                                .isEqualTo(".".repeat(399)));
        assertThat(byName.get("task"))
                .hasSize(2000)
                .allSatisfy(
                        record -> assertThat(record.path("payload").path("all").asString())
                                .isEqualTo("at once"));
        assertFromInterrupts(byName.getOrDefault("hard interrupt", List.of()).size());
    }

    /** One that hits while its CPU captures another call, or is about to, is not captured. */
    private void assertFromInterrupts(int arrived) {
        assertThat(arrived).isBetween(1, fromInterrupts);
    }

    private static String raw(Map<String, List<JsonNode>> records, String name) {
        List<JsonNode> found = records.getOrDefault(name, List.of());
        assertThat(found).as(name).hasSize(1);
        return found.getFirst().path("payload").path("_raw").asString();
    }
}
