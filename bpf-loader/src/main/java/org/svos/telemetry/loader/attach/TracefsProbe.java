package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfLink;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.bpf.TraceEvent;
import org.svos.telemetry.loader.record.Hook;

/**
 * A kprobe made through tracefs. The only one that can be put on a function of a module that is not loaded yet: the kernel
 * arms it while it loads the module, before anything can call the function, and again each time.
 */
record TracefsProbe(KernelFiles kernel) implements Mechanism {

    @Override
    public String label() {
        return "tracefs";
    }

    @Override
    public String object() {
        return KprobeLink.OBJECT;
    }

    @Override
    public List<Lack> lacks(KernelFiles files) {
        List<Lack> lacks = new ArrayList<>(Privilege.lacks(files));
        if (TraceEvents.of(files) == null) {
            lacks.add(new Lack.NoTracefs());
        }
        if (files.isConfidential()) {
            lacks.add(new Lack.LockedDown());
        }
        KernelFiles.Functions functions = files.functions();
        if (functions.areBuiltIn()) {
            functions.counts().forEach((hook, count) -> {
                if (count > 1) {
                    lacks.add(new Lack.AmbiguousFunction(hook, count));
                }
            });
        }
        functions.shared().forEach(hooks -> lacks.add(new Lack.SharedAddress(hooks)));
        return lacks;
    }

    @Override
    public String way(KernelFiles files) {
        return "tracefs";
    }

    @Override
    public BpfLink attach(BpfProgram program, Hook hook) throws BpfFault {
        TraceEvents events = TraceEvents.of(kernel);
        if (events == null) {
            throw TraceEvents.gone();
        }
        try (TraceEvent event = events.add(hook, kernel.hasFunctionsBuiltIn())) {
            return program.attachEvent(event);
        }
    }
}
