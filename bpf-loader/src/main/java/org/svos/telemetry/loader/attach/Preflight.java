package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.bpf.Libbpf;
import org.svos.telemetry.loader.config.Config;

/**
 * What is known before anything is loaded.
 *
 * @param libbpf null if it is lacking
 * @param lacks what this machine lacks, all of it
 */
public record Preflight(Mechanism mechanism, @Nullable Libbpf libbpf, List<Lack> lacks) {

    /** Looks at this machine, and changes nothing. */
    public static Preflight look(Config.Attach settings, KernelFiles kernel) {
        Mechanism mechanism = mechanism(settings);
        List<Lack> lacks = new ArrayList<>();
        Libbpf libbpf = switch (Libbpf.find(settings.libbpf())) {
            case Libbpf.Search.Found found -> found.libbpf();
            case Libbpf.Search.Absent absent -> {
                lacks.add(new Lack.NoLibbpf(absent.library(), absent.detail()));
                yield null;
            }
        };
        lacks.addAll(mechanism.lacks(kernel));
        return new Preflight(mechanism, libbpf, List.copyOf(lacks));
    }

    private static Mechanism mechanism(Config.Attach settings) {
        return switch (settings.mechanism()) {
            case KPROBE -> new KprobeLink();
            case UPROBE -> {
                if (settings.library() == null) {
                    throw new IllegalArgumentException("a uprobe needs a library");
                }
                yield new Uprobe(settings.library());
            }
        };
    }
}
