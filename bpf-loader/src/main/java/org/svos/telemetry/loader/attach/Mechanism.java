package org.svos.telemetry.loader.attach;

import java.util.List;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfLink;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.record.Hook;

/** A way to have a program run at a function's entry. */
public sealed interface Mechanism permits KprobeLink, KprobeMulti, TracefsProbe, Uprobe {

    /** The name in the report, in {@code status} and in metrics. */
    String label();

    /** The BPF object whose programs attach this way, a resource beside this class. */
    String object();

    /** What this machine lacks for it; looks at files only. */
    List<Lack> lacks(KernelFiles kernel);

    /**
     * What a link of this way is attached to, as part of a file's name. A link that was made under another name holds
     * something else: a library since replaced, or a module that has been unloaded in the meantime, with the link dead.
     */
    String way(KernelFiles kernel);

    /** Whether links are dead once the module of the functions has been unloaded. */
    default boolean diesWithModule() {
        return false;
    }

    /** Prepares a program of an object that is not loaded yet. */
    default void prepare(BpfProgram program) throws BpfFault {}

    /** Attaches one program. */
    BpfLink attach(BpfProgram program, Hook hook) throws BpfFault;
}
