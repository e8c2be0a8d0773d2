package org.svos.telemetry.loader.attach;

import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.loader.bpf.KernelNumbers;

/** The kernel's numbers of maps, programs and links. */
record Numbers(List<Long> maps, List<Long> programs, List<Long> links) {

    static final Numbers NONE = new Numbers(List.of(), List.of(), List.of());

    /** Those of them that are still in the kernel; those that this process may not ask about count as gone. */
    Numbers there() {
        return new Numbers(
                maps.stream().filter(KernelNumbers::isMap).toList(),
                programs.stream().filter(KernelNumbers::isProgram).toList(),
                links.stream().filter(KernelNumbers::isLink).toList());
    }

    boolean isEmpty() {
        return maps.isEmpty() && programs.isEmpty() && links.isEmpty();
    }

    /** In words: {@code map 3, map 4, link 7}. */
    String line() {
        List<String> words = new ArrayList<>();
        maps.forEach(id -> words.add("map " + id));
        programs.forEach(id -> words.add("program " + id));
        links.forEach(id -> words.add("link " + id));
        return String.join(", ", words);
    }
}
