package org.svos.telemetry.loader.attach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.record.Hook;

/** Each lack by itself, of a machine that has all else. */
class PreflightTest {

    @TempDir
    Path root;

    private KernelFixture kernel;

    @BeforeEach
    void aKernelThatHasEverything() throws IOException {
        kernel = new KernelFixture(root);
    }

    private List<Lack> lacks() {
        return lacks(new Config.Attach(Config.Attach.Mechanism.KPROBE, null, "libbpf.so.1"));
    }

    private List<Lack> lacks(Config.Attach settings) {
        return Preflight.look(settings, kernel.files()).lacks();
    }

    @Test
    void nothingIsLackingWhereEverythingIsThere() {
        assertThat(lacks()).isEmpty();
    }

    @Test
    void aKernelWithoutKprobes() throws IOException {
        kernel.without("sys/bus/event_source/devices/kprobe/type");
        Files.delete(root.resolve("sys/bus/event_source/devices/kprobe"));

        assertThat(lacks()).singleElement().satisfies(lack -> {
            assertThat(lack).isInstanceOf(Lack.NoProbes.class);
            assertThat(lack.line()).contains("kernel without kprobes", "CONFIG_KPROBE_EVENTS=y");
        });
    }

    @Test
    void aFunctionThatIsNotThere() throws IOException {
        kernel.symbols(Hook.ALL.stream()
                .filter(hook -> hook != Hook.SESSION_END)
                .map(hook -> "0000000000000000 t " + hook.function() + "\n")
                .reduce("", String::concat));

        assertThat(lacks()).containsExactly(new Lack.NoFunction(Hook.SESSION_END));
        assertThat(lacks().getFirst().line()).contains("session_end", "modprobe telemetry");
    }

    @Test
    void aFunctionThatIsThereTwice() throws IOException {
        kernel.symbols(Stream.concat(Hook.ALL.stream(), Stream.of(Hook.SESSION_BEGIN))
                .map(hook -> "0000000000000000 T " + hook.function() + "\n")
                .reduce("", String::concat));

        assertThat(lacks()).containsExactly(new Lack.AmbiguousFunction(Hook.SESSION_BEGIN, 2));
    }

    @ParameterizedTest
    @EnumSource(
            value = Config.Attach.Mechanism.class,
            names = {"KPROBE", "KPROBE_MULTI", "TRACEFS"})
    void functionsThatTheCompilerMadeOneOf(Config.Attach.Mechanism mechanism) throws IOException {
        kernel.write("sys/kernel/tracing/kprobe_events", "");
        kernel.symbols(Hook.ALL.stream()
                .map(hook -> "ffffffff8100%s T %s\n"
                        .formatted(hook == Hook.UNREGISTER ? "0040" : "00" + hook.code() + "0", hook.function()))
                .collect(Collectors.joining()));

        List<Lack> lacks = lacks(new Config.Attach(mechanism, null, "libbpf.so.1"));

        assertThat(lacks).containsExactly(new Lack.SharedAddress(List.of(Hook.SESSION_END, Hook.UNREGISTER)));
        assertThat(lacks.getFirst().line())
                .contains("session_end and unregister_telemetry have one address", "build them again", "check-symbols");
    }

    @Test
    void addressesThatTheKernelHidesAreNotTakenForOne() throws IOException {
        kernel.symbols(Hook.ALL.stream()
                .map(hook -> "0000000000000000 T " + hook.function() + "\n")
                .collect(Collectors.joining()));

        assertThat(lacks()).isEmpty();
    }

    @Test
    void noKallsymsAtAll() throws IOException {
        kernel.without("proc/kallsyms");

        assertThat(lacks()).hasSize(5).allMatch(Lack.NoFunction.class::isInstance);
    }

    @Test
    void noPrivilege() throws IOException {
        kernel.capabilities("0000000000000000");
        assertThat(lacks()).containsExactly(new Lack.NoPrivilege(List.of("CAP_BPF", "CAP_PERFMON")));

        kernel.capabilities("0000008000000000");
        assertThat(lacks()).containsExactly(new Lack.NoPrivilege(List.of("CAP_PERFMON")));
    }

    @Test
    void capabilitiesThatSufficeUnlessDebianIsStrict() throws IOException {
        kernel.capabilities("000000c000000000");
        assertThat(lacks()).containsExactly(new Lack.PerfParanoid(3));

        kernel.write("proc/sys/kernel/perf_event_paranoid", "2\n");
        assertThat(lacks()).isEmpty();
    }

    @Test
    void aKernelThatIsLockedDown() throws IOException {
        kernel.write("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
        assertThat(lacks()).containsExactly(new Lack.LockedDown());

        kernel.without("sys/kernel/security/lockdown");
        assertThat(lacks()).isEmpty();
    }

    @Test
    void noLibbpf() {
        List<Lack> lacks = lacks(new Config.Attach(Config.Attach.Mechanism.KPROBE, null, "libbpf.so.99"));

        assertThat(lacks).singleElement().satisfies(lack -> {
            assertThat(lack).isInstanceOf(Lack.NoLibbpf.class);
            assertThat(lack.line()).contains("libbpf.so.99", "apt-get install libbpf1");
        });
    }

    @Test
    void aLibraryThatIsNoLibbpf() {
        List<Lack> lacks = lacks(new Config.Attach(Config.Attach.Mechanism.KPROBE, null, "libc.so.6"));

        assertThat(lacks).singleElement().isInstanceOf(Lack.NoLibbpf.class);
    }

    @Test
    void noUserLibrary() {
        Path missing = root.resolve("libsvos-telemetry.so");

        assertThat(lacks(new Config.Attach(Config.Attach.Mechanism.UPROBE, missing, "libbpf.so.1")))
                .containsExactly(new Lack.NoUserLibrary(missing.toString()));
    }

    private Preflight auto() {
        return Preflight.look(new Config.Attach(Config.Attach.Mechanism.AUTO, null, "libbpf.so.1"), kernel.files());
    }

    private List<String> inTurn() {
        return auto().mechanisms().stream().map(Mechanism::label).toList();
    }

    @Test
    void ofTheWaysThatMayDoTheBestIsTriedFirst() throws IOException {
        kernel.hasFunctionsBuiltIn();
        assertThat(inTurn()).containsExactly("kprobe", "kprobe.multi");

        kernel.write("sys/kernel/tracing/kprobe_events", "");
        assertThat(inTurn()).containsExactly("kprobe", "kprobe.multi", "tracefs");
    }

    @Test
    void theFunctionsOfAModuleAreHeldByTracefsWhichOutlastsIt() throws IOException {
        assertThat(inTurn()).containsExactly("kprobe", "kprobe.multi");

        kernel.write("sys/kernel/tracing/kprobe_events", "");
        assertThat(inTurn()).containsExactly("tracefs", "kprobe", "kprobe.multi");
    }

    @Test
    void wherePerfEventOpenIsRefusedKprobeMultiIsTaken() throws IOException {
        kernel.write("sys/kernel/tracing/kprobe_events", "");
        kernel.capabilities("000000c000000000");

        assertThat(inTurn()).containsExactly("kprobe.multi");
    }

    @Test
    void theFunctionsOfAModuleThatIsNotLoadedAreWaitedForByTracefs() throws IOException {
        kernel.symbols("ffffffff81000000 T session_begin\n");
        assertThat(auto().lacks())
                .contains(new Lack.NoFunction(Hook.MESSAGE))
                .doesNotContain(new Lack.NoFunction(Hook.SESSION_BEGIN));

        kernel.write("sys/kernel/debug/tracing/kprobe_events", "");
        assertThat(inTurn()).containsExactly("tracefs");
        assertThat(auto().lacks()).isEmpty();
    }

    @Test
    void aNameThatTheKernelHasTwiceIsNoMatterToTracefsIfOneIsTheModules() throws IOException {
        kernel.write("sys/kernel/tracing/kprobe_events", "");
        kernel.symbols(Stream.concat(
                        Hook.ALL.stream().map(hook -> "0000000000000000 T " + hook.function() + "\t[telemetry]\n"),
                        Stream.of("0000000000000000 t session_end\n"))
                .collect(Collectors.joining()));

        assertThat(inTurn()).containsExactly("tracefs");
    }

    @Test
    void noTracefs() {
        assertThat(lacks(new Config.Attach(Config.Attach.Mechanism.TRACEFS, null, "libbpf.so.1")))
                .containsExactly(new Lack.NoTracefs());
    }
}
