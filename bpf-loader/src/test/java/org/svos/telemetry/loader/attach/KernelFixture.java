package org.svos.telemetry.loader.attach;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.svos.telemetry.loader.record.Hook;

/** The files of a kernel that has everything, in a folder, to take things away from. */
final class KernelFixture {

    private final Path root;

    KernelFixture(Path root) throws IOException {
        this.root = root;
        write("sys/bus/event_source/devices/kprobe/type", "6\n");
        write("sys/bus/event_source/devices/uprobe/type", "7\n");
        write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
        write("proc/sys/kernel/perf_event_paranoid", "3\n");
        write("proc/sys/kernel/osrelease", "6.12.48+deb13-amd64\n");
        write("proc/self/mounts", "sysfs /sys sysfs rw 0 0\nbpf /sys/fs/bpf bpf rw,nosuid 0 0\n");
        capabilities("000001ffffffffff");
        write("sys/module/telemetry/version", "1.0.0\n");
        write("sys/module/telemetry/initstate", "live\n");
        symbols(Hook.ALL.stream()
                .map(hook -> "ffffffffc00010" + hook.code() + "0 T " + hook.function() + "\t[telemetry]\n"
                        + "ffffffffc0002000 r __ksymtab_" + hook.function() + "\t[telemetry]\n")
                .collect(Collectors.joining()));
    }

    KernelFiles files() {
        return new KernelFiles(root);
    }

    void write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    void capabilities(String mask) throws IOException {
        write("proc/self/status", "Name:\tjava\nCapPrm:\t0000000000000000\nCapEff:\t" + mask + "\n");
    }

    void symbols(String lines) throws IOException {
        write("proc/kallsyms", lines);
    }

    /** The functions are the kernel's own, as it was built. */
    void hasFunctionsBuiltIn() throws IOException {
        without("sys/module/telemetry/initstate");
        symbols(Hook.ALL.stream()
                .map(hook -> "ffffffff810010" + hook.code() + "0 T " + hook.function() + "\n")
                .collect(Collectors.joining()));
    }

    void without(String file) throws IOException {
        Files.delete(root.resolve(file));
    }
}
