package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfLink;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.record.Hook;

/**
 * A probe by ftrace, which needs no perf_event_open: for a process that may not call it. From kernel 5.18, where it has
 * CONFIG_FPROBE, which no file tells. The module of the functions cannot be unloaded meanwhile.
 */
record KprobeMulti() implements Mechanism {

    @Override
    public String label() {
        return "kprobe.multi";
    }

    @Override
    public String object() {
        return KprobeLink.OBJECT;
    }

    @Override
    public List<Lack> lacks(KernelFiles kernel) {
        List<Lack> lacks = new ArrayList<>(Privilege.toLoad(kernel));
        lacks.addAll(KprobeLink.ofTheFunctions(kernel));
        return lacks;
    }

    @Override
    public String way(KernelFiles kernel) {
        return "multi-" + kernel.moduleLoading();
    }

    @Override
    public void prepare(BpfProgram program) throws BpfFault {
        program.forKprobeMulti();
    }

    @Override
    public BpfLink attach(BpfProgram program, Hook hook) throws BpfFault {
        return program.attachKprobeMulti(hook.function());
    }
}
