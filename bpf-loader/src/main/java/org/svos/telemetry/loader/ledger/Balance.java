package org.svos.telemetry.loader.ledger;

import org.svos.telemetry.event.HostLoss;

/**
 * The host's ledger of one boot. Two sums must hold, or the loader has a defect:
 *
 * <pre>
 *   seen     = captured + ring full + probe fault + recursion + throttled       counted by the kernel
 *   captured = accepted + rejected + withheld + waiting                         counted by the loader
 *              + spool evicted + unclean stop
 * </pre>
 *
 * What waits is in the ring, captured and not taken, or in the spool. What the host's owner has withheld is lost to nobody.
 *
 * @param kernelImbalance by how much the first sum fails, as {@link KernelSum} found: 0, or a defect
 */
public record Balance(KernelCounts kernel, Settled settled, long kernelImbalance) {

    /** A ledger of which only the second sum is known to be looked at. */
    public Balance(KernelCounts kernel, Settled settled) {
        this(kernel, settled, 0);
    }

    public long seen() {
        return kernel.total().seen();
    }

    public long captured() {
        return kernel.total().captured();
    }

    public long accepted() {
        return settled.accepted();
    }

    public long rejected() {
        return settled.rejectedInAll();
    }

    public long withheld() {
        return settled.withheldInAll();
    }

    public long waiting() {
        return settled.spooled() + Math.max(0, captured() - settled.taken());
    }

    /** Lost by any cause. */
    public long lost() {
        return kernel.total().lost() + settled.spoolEvicted() + settled.uncleanStop();
    }

    /** Lost events by cause, as batches report them. */
    public HostLoss hostLoss() {
        HookCounts total = kernel.total();
        return new HostLoss(
                total.ringFull(), total.probeFault(), total.recursion(), total.throttled(), settled.spoolEvicted());
    }

    /** By how much the sums fail: 0, or a defect. */
    public long imbalance() {
        return kernelImbalance + hostImbalance();
    }

    /** By how much the second sum fails. */
    public long hostImbalance() {
        return Math.abs(captured()
                - accepted()
                - rejected()
                - withheld()
                - waiting()
                - settled.spoolEvicted()
                - settled.uncleanStop());
    }

    /** The ledger in one line; at its end what is withheld, if anything is. */
    public String line() {
        return "ledger: seen %d, captured %d, accepted %d, rejected %d, waiting %d, lost %d"
                        .formatted(seen(), captured(), accepted(), rejected(), waiting(), lost())
                + (withheld() == 0 ? "" : ", withheld " + withheld());
    }
}
