package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.Libbpf;
import org.svos.telemetry.loader.config.Config;

/**
 * What is known before anything is loaded.
 *
 * @param mechanisms those that may do, the best first; if none may, the first of those that were looked at
 * @param libbpf null if it is lacking
 * @param lacks what this machine lacks, all of it; with several mechanisms to choose from, what the first lacks if none may do
 */
public record Preflight(
        List<Mechanism> mechanisms, @Nullable Libbpf libbpf, List<Lack> lacks) {

    /** Looks at this machine, and changes nothing. */
    public static Preflight look(Config.Attach settings, KernelFiles kernel) {
        List<Lack> lacks = new ArrayList<>();
        Libbpf libbpf = switch (Libbpf.find(settings.libbpf())) {
            case Libbpf.Search.Found found -> found.libbpf();
            case Libbpf.Search.Absent absent -> {
                lacks.add(new Lack.NoLibbpf(absent.library(), absent.detail()));
                yield null;
            }
        };
        List<Mechanism> all = mechanisms(settings, kernel);
        List<Mechanism> usable = all.stream()
                .filter(mechanism -> mechanism.lacks(kernel).isEmpty())
                .toList();
        if (usable.isEmpty()) {
            lacks.addAll(all.getFirst().lacks(kernel));
        }
        return new Preflight(
                usable.isEmpty() ? List.of(all.getFirst()) : inTurn(usable, kernel), libbpf, List.copyOf(lacks));
    }

    /**
     * In the order in which they are tried: as they were given, but tracefs first where the functions are in a module. It
     * alone goes on when that is unloaded and loaded again at once, whatever it calls then.
     */
    private static List<Mechanism> inTurn(List<Mechanism> usable, KernelFiles kernel) {
        if (!kernel.isModuleLoaded()) {
            return usable;
        }
        List<Mechanism> inTurn = new ArrayList<>(usable);
        inTurn.sort(Comparator.comparing(mechanism -> !(mechanism instanceof TracefsProbe)));
        return List.copyOf(inTurn);
    }

    private static List<Mechanism> mechanisms(Config.Attach settings, KernelFiles kernel) {
        return switch (settings.mechanism()) {
            case AUTO -> {
                List<Mechanism> all =
                        new ArrayList<>(List.of(new KprobeLink(), new KprobeMulti(), new TracefsProbe(kernel)));
                if (settings.library() != null) {
                    all.add(new Uprobe(settings.library()));
                }
                yield all;
            }
            case KPROBE -> List.of(new KprobeLink());
            case KPROBE_MULTI -> List.of(new KprobeMulti());
            case TRACEFS -> List.of(new TracefsProbe(kernel));
            case UPROBE -> {
                if (settings.library() == null) {
                    throw new IllegalArgumentException("a uprobe needs a library");
                }
                yield List.of(new Uprobe(settings.library()));
            }
        };
    }

    /** The mechanism that is tried first. */
    public Mechanism mechanism() {
        return mechanisms.getFirst();
    }
}
