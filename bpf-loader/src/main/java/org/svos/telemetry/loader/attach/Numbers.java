package org.svos.telemetry.loader.attach;

import java.util.List;
import org.svos.telemetry.loader.bpf.KernelNumbers;

/** The kernel's numbers of maps, programs and links. */
record Numbers(List<Long> maps, List<Long> programs, List<Long> links) {

    /** How many of them are still in the kernel; those that this process may not ask about count as gone. */
    long there() {
        return maps.stream().filter(KernelNumbers::isMap).count()
                + programs.stream().filter(KernelNumbers::isProgram).count()
                + links.stream().filter(KernelNumbers::isLink).count();
    }
}
