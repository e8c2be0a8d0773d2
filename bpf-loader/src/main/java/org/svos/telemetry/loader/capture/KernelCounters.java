package org.svos.telemetry.loader.capture;

import java.util.EnumMap;
import java.util.Map;
import org.svos.telemetry.loader.attach.Attachment;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.PerCpuArray;
import org.svos.telemetry.loader.ledger.HookCounts;
import org.svos.telemetry.loader.ledger.KernelCounts;
import org.svos.telemetry.loader.record.CounterLayout;
import org.svos.telemetry.loader.record.Hook;

/** Reads what the kernel has counted since the programs were loaded. */
final class KernelCounters {

    private final Attachment attachment;
    private final PerCpuArray counters;

    KernelCounters(Attachment attachment) throws BpfFault {
        this.attachment = attachment;
        this.counters = attachment.counters();
    }

    /**
     * The counts now. A call that the kernel kept from the program altogether is in no map; the program's own information
     * has it, and it counts as seen and lost by recursion.
     */
    synchronized KernelCounts read() throws BpfFault {
        Map<Hook, HookCounts> counts = new EnumMap<>(Hook.class);
        for (Hook hook : Hook.ALL) {
            long misses = attachment.recursionMisses(hook);
            counters.read(hook.code());
            counts.put(
                    hook,
                    new HookCounts(
                            counters.sum(CounterLayout.SEEN) + misses,
                            counters.sum(CounterLayout.CAPTURED),
                            counters.sum(CounterLayout.RING_FULL),
                            counters.sum(CounterLayout.PROBE_FAULT),
                            counters.sum(CounterLayout.RECURSION) + misses,
                            counters.sum(CounterLayout.THROTTLED)));
        }
        return new KernelCounts(counts);
    }
}
