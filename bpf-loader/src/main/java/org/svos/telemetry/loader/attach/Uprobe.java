package org.svos.telemetry.loader.attach;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
    public String way(KernelFiles kernel) {
        Path path = library.toAbsolutePath();
        Object file;
        try {
            // A library that has been replaced is another file under the same name.
            file = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            file = "none";
        }
        return "uprobe-" + Integer.toHexString(Objects.hash(path.toString(), String.valueOf(file)));
    }

    @Override
    public BpfLink attach(BpfProgram program, Hook hook) throws BpfFault {
        return program.attachUprobe(library.toAbsolutePath().toString(), hook.function());
    }
}
