package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfLink;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.record.Hook;

/** A kprobe by perf_event_open, held by a BPF link. */
record KprobeLink() implements Mechanism {

    @Override
    public String label() {
        return "kprobe";
    }

    @Override
    public String object() {
        return "telemetry.kprobe.bpf.o";
    }

    @Override
    public List<Lack> lacks(KernelFiles kernel) {
        List<Lack> lacks = new ArrayList<>(Privilege.lacks(kernel));
        if (!kernel.hasProbes("kprobe")) {
            lacks.add(new Lack.NoProbes("kprobe", kernel.probes("kprobe").toString()));
        }
        if (kernel.isConfidential()) {
            // The attempt would fail with EINVAL, which says nothing.
            lacks.add(new Lack.LockedDown());
        }
        kernel.functions().forEach((hook, count) -> {
            if (count == 0) {
                lacks.add(new Lack.NoFunction(hook));
            } else if (count > 1) {
                lacks.add(new Lack.AmbiguousFunction(hook, count));
            }
        });
        return lacks;
    }

    @Override
    public BpfLink attach(BpfProgram program, Hook hook) throws BpfFault {
        return program.attachKprobe(hook.function());
    }
}
