package org.svos.telemetry.loader.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.jna.NativeLibrary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.loader.attach.Attachment;
import org.svos.telemetry.loader.attach.KernelFiles;
import org.svos.telemetry.loader.attach.Preflight;
import org.svos.telemetry.loader.bpf.PerCpuArray;
import org.svos.telemetry.loader.cli.OwnKernel;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.record.CounterLayout;
import org.svos.telemetry.loader.record.Hook;
import org.svos.telemetry.loader.record.RecordView;
import org.svos.telemetry.loader.ring.RingMapping;
import org.svos.telemetry.loader.ring.RingReader;

/** What the BPF program makes of the strings that it is called with, on this machine's own kernel. */
class StringsOfACallTest {

    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";

    /** As telemetry.h has it; only people have needed the flags so far. */
    private static final int FLAGS = 29;

    private static final int SANDBOX_CUT = 0x01;
    private static final int NAME_CUT = 0x02;
    private static final int TEXT_CUT = 0x04;
    private static final int NAME_MISSING = 0x10;
    private static final int TEXT_MISSING = 0x20;

    private Attachment attachment;
    private RingMapping mapping;
    private RingReader reader;

    private record Captured(
            Hook hook,
            int flags,
            @Nullable String sandbox,
            @Nullable String name,
            @Nullable String text,
            int cpu,
            long sequence) {}

    @BeforeEach
    void attach() throws Exception {
        OwnKernel.assumeItCanBeProbed();
        Preflight preflight = Preflight.look(
                new Config.Attach(Config.Attach.Mechanism.UPROBE, OwnKernel.LIBRARY, "libbpf.so.1"),
                KernelFiles.OF_THIS_MACHINE);
        attachment = switch (Attachment.attach(
                preflight, KernelFiles.OF_THIS_MACHINE, 4 * 1024 * 1024, null, new NoBook())) {
            case Attachment.Attempt.Attached attached -> attached.attachment();
            case Attachment.Attempt.Failed failed -> throw new AssertionError(failed.lacks());
        };
        mapping = RingMapping.map(attachment.ringFd(), attachment.ringBytes());
        reader = new RingReader(mapping);
    }

    @AfterEach
    void detach() {
        if (mapping != null) {
            mapping.close();
        }
        if (attachment != null) {
            attachment.close();
        }
    }

    private static void call(Hook hook, @Nullable String... strings) {
        NativeLibrary.getInstance(OwnKernel.LIBRARY.toString())
                .getFunction("svos_" + hook.function())
                .invokeVoid(strings);
    }

    private List<Captured> captured() {
        List<Captured> all = new ArrayList<>();
        RecordView view = new RecordView();
        while (reader.read((memory, offset, length) -> all.add(captured(view, memory, offset, length)), 1000) > 0) {
            reader.release();
        }
        return all;
    }

    private static Captured captured(RecordView view, ByteBuffer memory, int offset, int length) {
        assertThat(view.wrap(memory, offset, length)).isTrue();
        return new Captured(
                view.hook(),
                memory.get(offset + FLAGS),
                string(memory, view.sandboxOffset(), view.sandboxLength()),
                string(memory, view.nameOffset(), view.nameLength()),
                string(memory, view.textOffset(), view.textLength()),
                view.cpu(),
                view.cpuSequence());
    }

    private static @Nullable String string(ByteBuffer memory, int offset, int length) {
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        memory.get(offset, bytes);
        assertThat(memory.get(offset + length)).as("the NUL").isZero();
        return new String(bytes, US_ASCII);
    }

    private long count(Hook hook, int counter) throws Exception {
        PerCpuArray counters = attachment.counters();
        counters.read(hook.code());
        return IntStream.range(0, counters.cpus())
                .mapToLong(cpu -> counters.number(cpu, counter))
                .sum();
    }

    private Captured message(@Nullable String sandbox, @Nullable String name, @Nullable String text) {
        call(Hook.MESSAGE, sandbox, name, text);
        List<Captured> captured = captured();
        assertThat(captured).hasSize(1);
        return captured.getFirst();
    }

    @Test
    void aStringThatJustFitsIsNotCut() {
        Captured captured = message("s".repeat(63), "n".repeat(255), "t".repeat(4095));

        assertThat(captured.flags()).isZero();
        assertThat(captured.sandbox()).isEqualTo("s".repeat(63));
        assertThat(captured.name()).isEqualTo("n".repeat(255));
        assertThat(captured.text()).isEqualTo("t".repeat(4095));
    }

    @Test
    void aStringThatIsOneByteTooLongIsCutAndMarked() {
        assertThat(message("s".repeat(64), "n", "t").flags()).isEqualTo(SANDBOX_CUT);
        assertThat(message(SANDBOX, "n".repeat(256), "t").flags()).isEqualTo(NAME_CUT);
        assertThat(message(SANDBOX, "n", "t".repeat(4096)).flags()).isEqualTo(TEXT_CUT);

        Captured all = message("s".repeat(64), "n".repeat(256), "t".repeat(10_000));
        assertThat(all.flags()).isEqualTo(SANDBOX_CUT | NAME_CUT | TEXT_CUT);
        assertThat(all.sandbox()).isEqualTo("s".repeat(63));
        assertThat(all.name()).isEqualTo("n".repeat(255));
        assertThat(all.text()).isEqualTo("t".repeat(4095));
    }

    @Test
    void nullIsToldFromEmpty() {
        Captured empty = message("", "", "");
        assertThat(empty.flags()).isZero();
        assertThat(empty)
                .extracting(Captured::sandbox, Captured::name, Captured::text)
                .containsOnly("");

        Captured nulls = message(SANDBOX, null, null);
        assertThat(nulls.flags()).isEqualTo(NAME_MISSING | TEXT_MISSING);
        assertThat(nulls).extracting(Captured::name, Captured::text).containsOnlyNulls();

        Captured behindNull = message(SANDBOX, null, "text");
        assertThat(behindNull.flags()).isEqualTo(NAME_MISSING);
        assertThat(behindNull.text()).isEqualTo("text");
    }

    @Test
    void aKindHasOnlyTheStringsOfItsFunction() {
        // What stands in the registers of the arguments that a function does not have is nobody's.
        Hook.ALL.forEach(hook -> call(hook, SANDBOX, "name", "text"));

        assertThat(captured())
                .extracting(Captured::hook, Captured::flags, Captured::name, Captured::text)
                .containsExactly(
                        tuple(Hook.REGISTER, 0, "name", "text"),
                        tuple(Hook.SESSION_BEGIN, 0, "name", null),
                        tuple(Hook.MESSAGE, 0, "name", "text"),
                        tuple(Hook.SESSION_END, 0, null, null),
                        tuple(Hook.UNREGISTER, 0, null, null));
    }

    @Test
    void aCallWithoutASandboxIsCountedAndNotCaptured() throws Exception {
        Hook.ALL.forEach(hook -> call(hook, null, "name", "text"));

        assertThat(captured()).isEmpty();
        for (Hook hook : Hook.ALL) {
            assertThat(count(hook, CounterLayout.SEEN)).isEqualTo(1);
            assertThat(count(hook, CounterLayout.PROBE_FAULT)).isEqualTo(1);
        }
    }

    @Test
    void callsOfManyThreadsNeitherMixNorLoseTheirPlaces() throws Exception {
        int threads = 16;
        int each = 500;
        int calls = threads * each;
        try (ExecutorService callers = Executors.newFixedThreadPool(threads)) {
            IntStream.range(0, threads)
                    .forEach(thread -> callers.execute(() -> IntStream.range(0, each)
                            .forEach(i -> call(
                                    Hook.MESSAGE, SANDBOX, thread + "." + i, (thread + "." + i + " ").repeat(20)))));
        }

        List<Captured> captured = captured();
        assertThat(captured)
                .hasSize(calls)
                .allSatisfy(one -> assertThat(one.text()).isEqualTo((one.name() + " ").repeat(20)));
        assertThat(captured).extracting(Captured::name).doesNotHaveDuplicates();
        Map<Integer, Set<Long>> numbers = new HashMap<>();
        captured.forEach(one ->
                numbers.computeIfAbsent(one.cpu(), cpu -> new HashSet<>()).add(one.sequence()));
        numbers.forEach((cpu, ofCpu) -> assertThat(ofCpu)
                .as("CPU " + cpu)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, ofCpu.size()).boxed().toList()));
        assertThat(count(Hook.MESSAGE, CounterLayout.SEEN)).isEqualTo(calls);
        assertThat(count(Hook.MESSAGE, CounterLayout.CAPTURED)).isEqualTo(calls);
    }

    @Test
    void whatAFullRingDoesNotTakeIsCountedAndLeavesNoGapInTheNumbers() throws Exception {
        int calls = 3000;
        IntStream.range(0, calls).forEach(i -> call(Hook.MESSAGE, SANDBOX, "full", "t".repeat(4000)));
        List<Captured> before = captured();
        IntStream.range(0, calls).forEach(i -> call(Hook.MESSAGE, SANDBOX, "again", "t"));
        List<Captured> after = captured();

        assertThat(before.size()).isBetween(900, 1100);
        assertThat(after).hasSize(calls);
        assertThat(count(Hook.MESSAGE, CounterLayout.RING_FULL)).isEqualTo(calls - before.size());
        Map<Integer, Long> last = new HashMap<>();
        before.addAll(after);
        before.forEach(one -> assertThat(one.sequence()).isEqualTo(last.merge(one.cpu(), 1L, Long::sum)));
    }
}
