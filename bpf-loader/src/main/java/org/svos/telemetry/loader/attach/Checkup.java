package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * What of this machine bears on the capture, a line each, for people: what it has, and what would be better otherwise and
 * how. What it lacks altogether is in {@link Preflight#lacks()}.
 */
public final class Checkup {

    private static final String HAS = "has        ";
    private static final String BETTER = "better     ";

    private final KernelFiles kernel;
    private final List<String> lines = new ArrayList<>();

    private Checkup(KernelFiles kernel) {
        this.kernel = kernel;
    }

    /** Looks at files only, and changes nothing. */
    public static List<String> of(KernelFiles kernel) {
        Checkup checkup = new Checkup(kernel);
        checkup.kernel();
        checkup.privilege();
        checkup.lockdown();
        checkup.probes();
        checkup.functions();
        checkup.tracefs();
        checkup.bpffs();
        return List.copyOf(checkup.lines);
    }

    private void line(String verdict, String text) {
        lines.add(verdict + text);
    }

    private void kernel() {
        String release = kernel.release();
        if (kernel.tellsWhatItMissed()) {
            line(HAS, "kernel " + release + ", which tells of calls that hit within another probe or program");
        } else {
            line(
                    BETTER,
                    "kernel " + release
                            + " tells nobody of a call that hits within another probe or program on its CPU:"
                            + " such a call is in no count; kernels from 6.7 on tell");
        }
    }

    private void privilege() {
        List<String> capabilities = Privilege.held(kernel.capabilities());
        line(
                HAS,
                "capabilities " + (capabilities.isEmpty() ? "none that count" : String.join(", ", capabilities))
                        + " (/proc/self/status)");
        OptionalInt paranoid = kernel.perfEventParanoid();
        String level = paranoid.isPresent() ? String.valueOf(paranoid.getAsInt()) : "not there";
        line(
                HAS,
                "kernel.perf_event_paranoid " + level
                        + (Privilege.isStrict(paranoid) ? ": probes are for CAP_SYS_ADMIN; 2 lets CAP_PERFMON" : ""));
    }

    private void lockdown() {
        String mode = kernel.lockdown();
        line(HAS, "lockdown " + (mode.isEmpty() ? "not in this kernel" : mode) + " (/sys/kernel/security/lockdown)");
    }

    private void probes() {
        for (String kind : List.of("kprobe", "uprobe")) {
            line(HAS, (kernel.hasProbes(kind) ? "" : "no ") + kind + "s (" + kernel.probes(kind) + ")");
        }
    }

    private void functions() {
        kernel.functions()
                .addresses()
                .forEach((hook, addresses) -> line(
                        HAS,
                        switch (addresses.size()) {
                            case 0 -> "no function " + hook.function();
                            case 1 -> "function " + hook.function() + ", once";
                            default -> addresses.size() + " functions " + hook.function();
                        }));
    }

    private void tracefs() {
        if (TraceEvents.of(kernel) != null) {
            line(HAS, "tracefs, whose probes outlast the module of the functions");
        } else {
            line(
                    BETTER,
                    "no tracefs with kprobe_events: what a module of the functions calls just after it was loaded again would"
                            + " be missed: mount -t tracefs tracefs /sys/kernel/tracing");
        }
    }

    private void bpffs() {
        if (kernel.hasBpffs()) {
            line(HAS, "bpffs at /sys/fs/bpf");
        } else {
            line(
                    BETTER,
                    "no bpffs at /sys/fs/bpf, so nothing outlives the loader's process: mount -t bpf bpf /sys/fs/bpf");
        }
    }
}
