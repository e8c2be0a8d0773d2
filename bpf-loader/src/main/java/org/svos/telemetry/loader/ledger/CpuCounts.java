package org.svos.telemetry.loader.ledger;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.svos.telemetry.loader.record.Hook;

/**
 * What the programs counted, hook by hook and CPU by CPU.
 *
 * @param entries of each hook, in the order of the CPUs
 */
public record CpuCounts(Map<Hook, List<HookCounts>> entries) {

    public CpuCounts {
        entries = Map.copyOf(entries);
    }

    /** All CPUs together. */
    public KernelCounts sum() {
        Map<Hook, HookCounts> sums = new EnumMap<>(Hook.class);
        entries.forEach((hook, cpus) -> sums.put(hook, cpus.stream().reduce(HookCounts.NONE, HookCounts::plus)));
        return new KernelCounts(sums);
    }

    /** CPUs that there are entries of. */
    public int cpus() {
        return entries.values().stream().mapToInt(List::size).max().orElse(0);
    }

    /** All hooks of a CPU together. */
    public HookCounts of(int cpu) {
        return entries.values().stream()
                .filter(cpus -> cpu < cpus.size())
                .map(cpus -> cpus.get(cpu))
                .reduce(HookCounts.NONE, HookCounts::plus);
    }
}
