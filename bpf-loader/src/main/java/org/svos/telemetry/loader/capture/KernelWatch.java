package org.svos.telemetry.loader.capture;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.svos.telemetry.loader.attach.Attachment;
import org.svos.telemetry.loader.bpf.BpfFault;
import org.svos.telemetry.loader.ledger.CpuCounts;
import org.svos.telemetry.loader.ledger.KernelSum;

/** Looks at the kernel's counters every second: whether each sum holds, and whether the storm guard is at work. */
final class KernelWatch {

    private static final System.Logger LOG = System.getLogger(KernelWatch.class.getName());
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final KernelCounters counters;
    private final StormReport storms;
    private final KernelSum sum = new KernelSum();
    private long looked = System.nanoTime() - PERIOD_NANOS;

    KernelWatch(Attachment attachment, KernelCounters counters) throws BpfFault {
        this.counters = counters;
        this.storms = new StormReport(attachment);
    }

    /** Looks if it is time; on the drain's thread. */
    void lookIfDue() throws BpfFault {
        long now = System.nanoTime();
        if (now - looked < PERIOD_NANOS) {
            return;
        }
        looked = now;
        CpuCounts counts = counters.byCpu();
        sum.look(counts).forEach(KernelWatch::say);
        storms.look(counts.sum().total().throttled());
    }

    /** The last look, once nothing is attached. */
    void atRest() throws BpfFault {
        sum.atRest(counters.byCpu()).forEach(KernelWatch::say);
    }

    private static void say(KernelSum.Imbalance imbalance) {
        LOG.log(
                System.Logger.Level.ERROR,
                "The kernel's ledger of " + imbalance.hook().function() + " on CPU " + imbalance.cpu()
                        + " does not add up by " + imbalance.events() + " events, a defect of the BPF program: "
                        + imbalance.counts() + ". Said once; telemetry_host_ledger_imbalance_events goes on.");
    }

    long imbalance() {
        return sum.imbalance();
    }

    Collection<KernelSum.Imbalance> imbalances() {
        return sum.imbalances();
    }
}
