package org.svos.telemetry.loader.attach;

import java.util.List;
import java.util.stream.Collectors;
import org.svos.telemetry.loader.record.Hook;

/** Something that this machine lacks for the capture. */
public sealed interface Lack {

    /** What is lacking, and where that was seen. */
    String what();

    /** What to do about it. */
    String remedy();

    /** What a library said about it, several lines; empty if nothing. */
    default String said() {
        return "";
    }

    /** One line of what is lacking and what to do. */
    default String line() {
        return what() + ": " + remedy();
    }

    /** The library is not there, or is too old. */
    record NoLibbpf(String library, String detail) implements Lack {
        @Override
        public String what() {
            return "no libbpf: " + library + " cannot be loaded (" + detail + ")";
        }

        @Override
        public String remedy() {
            return "install it (Debian: apt-get install libbpf1), or name it by the setting attach.libbpf";
        }
    }

    /** The process may not load BPF programs. */
    record NoPrivilege(List<String> missing) implements Lack {
        @Override
        public String what() {
            return "no privilege: the process lacks " + String.join(" and ", missing) + " (/proc/self/status, CapEff)";
        }

        @Override
        public String remedy() {
            return "run the loader as root, or with the capabilities CAP_BPF and CAP_PERFMON";
        }
    }

    /** Debian's strictest level of perf_event_paranoid keeps kprobes to CAP_SYS_ADMIN. */
    record PerfParanoid(int level) implements Lack {
        @Override
        public String what() {
            return "no privilege: kernel.perf_event_paranoid is " + level
                    + ", which asks CAP_SYS_ADMIN of whoever attaches a probe, and the process lacks it";
        }

        @Override
        public String remedy() {
            return "run the loader as root or with CAP_SYS_ADMIN, or sysctl kernel.perf_event_paranoid=2";
        }
    }

    /** The kernel is locked down. */
    record LockedDown() implements Lack {
        @Override
        public String what() {
            return "the kernel is locked down: confidentiality (/sys/kernel/security/lockdown)";
        }

        @Override
        public String remedy() {
            return "boot with lockdown=integrity or none; in confidentiality no probe may read the kernel's memory";
        }
    }

    /** The kernel was built without that kind of probe. */
    record NoProbes(String kind, String source) implements Lack {
        @Override
        public String what() {
            return "kernel without " + kind + "s: there is no " + source;
        }

        @Override
        public String remedy() {
            return "boot a kernel with CONFIG_" + option() + "=y and CONFIG_BPF_EVENTS=y; Debian's kernels have both";
        }

        private String option() {
            return kind.equals("kprobe") ? "KPROBE_EVENTS" : "UPROBE_EVENTS";
        }
    }

    /** The kernel's trace events cannot be reached. */
    record NoTracefs() implements Lack {
        @Override
        public String what() {
            return "no tracefs: there is no kprobe_events in /sys/kernel/tracing or /sys/kernel/debug/tracing";
        }

        @Override
        public String remedy() {
            return "mount -t tracefs tracefs /sys/kernel/tracing; the kernel needs CONFIG_KPROBE_EVENTS=y";
        }
    }

    /** A function is not in the kernel. */
    record NoFunction(Hook hook) implements Lack {
        @Override
        public String what() {
            return "no function " + hook.function() + " in this kernel (/proc/kallsyms)";
        }

        @Override
        public String remedy() {
            return "load the module: modprobe telemetry; or boot a kernel with CONFIG_TELEMETRY=y";
        }
    }

    /** Several functions of the kernel have that name. */
    record AmbiguousFunction(Hook hook, int count) implements Lack {
        @Override
        public String what() {
            return "the kernel has " + count + " functions named " + hook.function()
                    + " (/proc/kallsyms), and a probe by name cannot tell which is meant";
        }

        @Override
        public String remedy() {
            return "unload the module that brings the other one (grep -w " + hook.function() + " /proc/kallsyms)";
        }
    }

    /** Functions of several hooks are one, so that each call of one would be taken for a call of every other, too. */
    record SharedAddress(List<Hook> hooks) implements Lack {
        @Override
        public String what() {
            return hooks.stream().map(Hook::function).collect(Collectors.joining(" and "))
                    + " have one address (/proc/kallsyms), so that their calls cannot be told apart";
        }

        @Override
        public String remedy() {
            return "the compiler has folded them: build them again from the sources in bpf-loader/kernel, whose"
                    + " check-symbols proves five addresses";
        }
    }

    /** The library to be probed is not there. */
    record NoUserLibrary(String path) implements Lack {
        @Override
        public String what() {
            return "no library at " + path;
        }

        @Override
        public String remedy() {
            return "set attach.library to the path of libsvos-telemetry.so";
        }
    }

    /** The kernel took the program or the probe not, though nothing above was found lacking. */
    record Refused(String detail, String said) implements Lack {
        @Override
        public String what() {
            return "the kernel refused: " + detail;
        }

        @Override
        public String remedy() {
            return "see what libbpf says below, and dmesg; seccomp or a container's profile may forbid bpf or perf_event_open";
        }
    }
}
