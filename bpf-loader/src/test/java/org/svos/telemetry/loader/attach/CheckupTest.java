package org.svos.telemetry.loader.attach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.loader.record.Hook;

/** The doctor's lines about a machine, of one that has everything and of others. */
class CheckupTest {

    @TempDir
    Path root;

    private KernelFixture kernel;

    @BeforeEach
    void aKernelThatHasEverything() throws IOException {
        kernel = new KernelFixture(root);
        kernel.write("sys/kernel/tracing/kprobe_events", "");
    }

    private List<String> lines() {
        return Checkup.of(kernel.files());
    }

    @Test
    void whereEverythingIsThereEachThingIsToldAndNothingWouldBeBetter() {
        assertThat(lines())
                .noneMatch(line -> line.startsWith("better"))
                .anyMatch(line -> line.contains("kernel 6.12.48+deb13-amd64, which tells of calls"))
                .anyMatch(line -> line.contains("CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF"))
                .anyMatch(line -> line.contains("perf_event_paranoid 3: probes are for CAP_SYS_ADMIN"))
                .anyMatch(line -> line.contains("lockdown integrity"))
                .anyMatch(line -> line.startsWith("has        kprobes ("))
                .anyMatch(line -> line.startsWith("has        uprobes ("))
                .anyMatch(line -> line.contains("tracefs, whose probes outlast the module"))
                .anyMatch(line -> line.contains("bpffs at /sys/fs/bpf"));
        for (Hook hook : Hook.ALL) {
            assertThat(lines()).contains("has        function " + hook.function() + ", once");
        }
    }

    @Test
    void aFunctionThatIsThereTwiceIsCounted() throws IOException {
        kernel.symbols("ffffffff81000010 t session_begin\nffffffffc0001000 T session_begin\t[telemetry]\n");

        assertThat(lines()).contains("has        2 functions session_begin", "has        no function telemetry_msg");
    }

    @Test
    void aKernelThatDoesNotTellWhatItMissedIsNamed() throws IOException {
        for (String old : List.of("6.1.0-40-amd64", "6.6.9", "5.15.0", "strange")) {
            kernel.write("proc/sys/kernel/osrelease", old + "\n");
            assertThat(lines()).as(old).anyMatch(line -> line.startsWith("better     kernel " + old + " tells nobody"));
        }
        for (String young : List.of("6.7.0", "6.18.44", "7.0.1", "10.1")) {
            kernel.write("proc/sys/kernel/osrelease", young + "\n");
            assertThat(lines()).as(young).anyMatch(line -> line.startsWith("has        kernel " + young));
        }
    }

    @Test
    void withoutTracefsTheMountIsNamed() throws IOException {
        kernel.without("sys/kernel/tracing/kprobe_events");

        assertThat(lines())
                .anyMatch(line -> line.startsWith("better     no tracefs")
                        && line.contains("mount -t tracefs tracefs /sys/kernel/tracing"));
    }

    @Test
    void withoutABpfFileSystemTheMountIsNamed() throws IOException {
        kernel.write("proc/self/mounts", "bpf /mnt/sys/fs/bpf bpf rw 0 0\n");

        assertThat(lines()).anyMatch(line -> line.contains("mount -t bpf bpf /sys/fs/bpf"));
    }

    @Test
    void aKernelWithoutLockdownOrParanoidLevelIsToldAsSuch() throws IOException {
        kernel.without("sys/kernel/security/lockdown");
        kernel.without("proc/sys/kernel/perf_event_paranoid");
        kernel.capabilities("0000000000000000");

        assertThat(lines())
                .anyMatch(line -> line.contains("lockdown not in this kernel"))
                .anyMatch(line -> line.contains("perf_event_paranoid not there"))
                .anyMatch(line -> line.contains("capabilities none that count"));
    }
}
