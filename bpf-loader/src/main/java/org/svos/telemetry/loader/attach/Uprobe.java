package org.svos.telemetry.loader.attach;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.BpfLink;
import org.svos.telemetry.loader.bpf.BpfProgram;
import org.svos.telemetry.loader.record.Hook;

/**
 * Probes on the functions of the same names in a user-space library, in every process that has it.
 *
 * @param library its path
 */
record Uprobe(Path library) implements Mechanism {

    @Override
    public String label() {
        return "uprobe";
    }

    @Override
    public String object() {
        return "telemetry.uprobe.bpf.o";
    }

    @Override
    public List<Lack> lacks(KernelFiles kernel) {
        List<Lack> lacks = new ArrayList<>(Privilege.lacks(kernel));
        if (!kernel.hasProbes("uprobe")) {
            lacks.add(new Lack.NoProbes("uprobe", kernel.probes("uprobe").toString()));
        }
        if (!Files.isRegularFile(library)) {
            lacks.add(new Lack.NoUserLibrary(library.toString()));
        }
        return lacks;
    }

    @Override
    public BpfLink attach(BpfProgram program, Hook hook) throws BpfFault {
        return program.attachUprobe(library.toAbsolutePath().toString(), hook.function());
    }
}
