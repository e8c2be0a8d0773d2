package org.svos.telemetry.loader.capture;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.svos.telemetry.loader.attach.Attachment;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.bpf.PerCpuArray;
import org.svos.telemetry.loader.ledger.CpuCounts;
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
     * The counts now. A call that the kernel kept from the program altogether is in no map; it counts as seen and lost by
     * recursion.
     */
    KernelCounts read() throws BpfFault {
        Map<Hook, HookCounts> missed = new EnumMap<>(Hook.class);
        for (Hook hook : Hook.ALL) {
            long calls = attachment.missed(hook);
            missed.put(hook, new HookCounts(calls, 0, 0, 0, calls, 0));
        }
        return byCpu().sum().plus(new KernelCounts(missed));
    }

    /** What the programs counted, each CPU by itself. */
    synchronized CpuCounts byCpu() throws BpfFault {
        Map<Hook, List<HookCounts>> entries = new EnumMap<>(Hook.class);
        for (Hook hook : Hook.ALL) {
            counters.read(hook.code());
            List<HookCounts> cpus = new ArrayList<>(counters.cpus());
            for (int cpu = 0; cpu < counters.cpus(); cpu++) {
                cpus.add(entry(cpu));
            }
            entries.put(hook, cpus);
        }
        return new CpuCounts(entries);
    }

    private HookCounts entry(int cpu) {
        return new HookCounts(
                counters.number(cpu, CounterLayout.SEEN),
                counters.number(cpu, CounterLayout.CAPTURED),
                counters.number(cpu, CounterLayout.RING_FULL),
                counters.number(cpu, CounterLayout.PROBE_FAULT),
                counters.number(cpu, CounterLayout.RECURSION),
                counters.number(cpu, CounterLayout.THROTTLED));
    }
}
