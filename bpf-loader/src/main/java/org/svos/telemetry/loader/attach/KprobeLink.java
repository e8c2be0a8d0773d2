package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfLink;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.record.Hook;

/** A kprobe by perf_event_open, held by a BPF link. */
record KprobeLink() implements Mechanism {

    static final String OBJECT = "telemetry.kprobe.bpf.o";

    @Override
    public String label() {
        return "kprobe";
    }

    @Override
    public String object() {
        return OBJECT;
    }

    @Override
    public List<Lack> lacks(KernelFiles kernel) {
        List<Lack> lacks = new ArrayList<>(Privilege.lacks(kernel));
        if (!kernel.hasProbes("kprobe")) {
            lacks.add(new Lack.NoProbes("kprobe", kernel.probes("kprobe").toString()));
        }
        lacks.addAll(ofTheFunctions(kernel));
        return lacks;
    }

    /** What keeps functions of the kernel from being probed by their names. */
    static List<Lack> ofTheFunctions(KernelFiles kernel) {
        List<Lack> lacks = new ArrayList<>();
        if (kernel.isConfidential()) {
            // The attempt would fail with EINVAL, which says nothing.
            lacks.add(new Lack.LockedDown());
        }
        KernelFiles.Functions functions = kernel.functions();
        functions.counts().forEach((hook, count) -> {
            if (count == 0) {
                lacks.add(new Lack.NoFunction(hook));
            } else if (count > 1) {
                lacks.add(new Lack.AmbiguousFunction(hook, count));
            }
        });
        functions.shared().forEach(hooks -> lacks.add(new Lack.SharedAddress(hooks)));
        return lacks;
    }

    @Override
    public String way(KernelFiles kernel) {
        return "kprobe-" + kernel.moduleLoading();
    }

    @Override
    public boolean diesWithModule() {
        return true;
    }

    @Override
    public BpfLink attach(BpfProgram program, Hook hook) throws BpfFault {
        return program.attachKprobe(hook.function());
    }
}
