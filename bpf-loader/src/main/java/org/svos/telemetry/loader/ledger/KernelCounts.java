package org.svos.telemetry.loader.ledger;

import java.util.EnumMap;
import java.util.Map;
import org.svos.telemetry.loader.record.Hook;

/** What the kernel counted, hook by hook. */
public record KernelCounts(Map<Hook, HookCounts> hooks) {

    /** Nothing as yet. */
    public static final KernelCounts NONE = new KernelCounts(Map.of());

    public KernelCounts {
        hooks = Map.copyOf(hooks);
    }

    /** One hook's counts. */
    public HookCounts of(Hook hook) {
        return hooks.getOrDefault(hook, HookCounts.NONE);
    }

    /** Both together. */
    public KernelCounts plus(KernelCounts other) {
        Map<Hook, HookCounts> sums = new EnumMap<>(Hook.class);
        Hook.ALL.forEach(hook -> sums.put(hook, of(hook).plus(other.of(hook))));
        return new KernelCounts(sums);
    }

    /** All hooks together. */
    public HookCounts total() {
        return hooks.values().stream().reduce(HookCounts.NONE, HookCounts::plus);
    }
}
