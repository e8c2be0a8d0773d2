package org.svos.telemetry.loader.attach;

import java.util.List;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfLink;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.record.Hook;

/** A way to have a program run at a function's entry. */
public sealed interface Mechanism permits KprobeLink, Uprobe {

    /** The name in the report, in {@code status} and in metrics. */
    String label();

    /** The BPF object whose programs attach this way, a resource beside this class. */
    String object();

    /** What this machine lacks for it; looks at files only. */
    List<Lack> lacks(KernelFiles kernel);

    /** Attaches one program. */
    BpfLink attach(BpfProgram program, Hook hook) throws BpfFault;
}
