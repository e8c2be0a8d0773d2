package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** What a process must be allowed to load tracing programs and to attach them. */
final class Privilege {

    // Bits of linux/capability.h.
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_PERFMON = 38;
    private static final int CAP_BPF = 39;

    private static final Map<Integer, String> NAMES =
            new TreeMap<>(Map.of(CAP_SYS_ADMIN, "CAP_SYS_ADMIN", CAP_PERFMON, "CAP_PERFMON", CAP_BPF, "CAP_BPF"));

    /** Above it, Debian's kernels keep perf_event_open to CAP_SYS_ADMIN. */
    private static final int STRICT_FROM = 3;

    private Privilege() {}

    /** Those of the capabilities that count which are in the mask. */
    static List<String> held(long capabilities) {
        List<String> held = new ArrayList<>();
        NAMES.forEach((capability, name) -> {
            if (has(capabilities, capability)) {
                held.add(name);
            }
        });
        return held;
    }

    /** Whether that level keeps probes to CAP_SYS_ADMIN. */
    static boolean isStrict(OptionalInt paranoid) {
        return paranoid.orElse(0) >= STRICT_FROM;
    }

    /** For perf_event_open as well. */
    static List<Lack> lacks(KernelFiles kernel) {
        List<Lack> lacks = toLoad(kernel);
        if (!lacks.isEmpty() || has(kernel.capabilities(), CAP_SYS_ADMIN)) {
            return lacks;
        }
        int paranoid = kernel.perfEventParanoid().orElse(0);
        return paranoid >= STRICT_FROM ? List.of(new Lack.PerfParanoid(paranoid)) : List.of();
    }

    /** For loading programs, and attaching them without perf_event_open. */
    static List<Lack> toLoad(KernelFiles kernel) {
        long capabilities = kernel.capabilities();
        if (has(capabilities, CAP_SYS_ADMIN)) {
            return List.of();
        }
        List<String> missing = new ArrayList<>();
        if (!has(capabilities, CAP_BPF)) {
            missing.add("CAP_BPF");
        }
        if (!has(capabilities, CAP_PERFMON)) {
            missing.add("CAP_PERFMON");
        }
        return missing.isEmpty() ? List.of() : List.of(new Lack.NoPrivilege(missing));
    }

    private static boolean has(long capabilities, int capability) {
        return (capabilities >> capability & 1) == 1;
    }
}
