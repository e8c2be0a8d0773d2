package org.svos.telemetry.loader.batch;

import java.util.Set;
import org.svos.telemetry.event.SandboxId;

/** Sandboxes by their 128 bits: an open-addressed table, at most half full, which is asked without making an object. */
final class SandboxSet {

    /** Two a place: high and low. */
    private final long[] table;

    private final boolean[] taken;

    SandboxSet(Set<SandboxId> sandboxes) {
        int places = Integer.highestOneBit(Math.max(1, sandboxes.size())) * 4;
        table = new long[2 * places];
        taken = new boolean[places];
        for (SandboxId sandbox : sandboxes) {
            long high = SandboxKey.high(sandbox);
            long low = SandboxKey.low(sandbox);
            int place = place(high, low);
            table[2 * place] = high;
            table[2 * place + 1] = low;
            taken[place] = true;
        }
    }

    boolean has(SandboxKey key) {
        return taken[place(key.high(), key.low())];
    }

    /** The place that holds it, or the free one where it belongs. */
    private int place(long high, long low) {
        int mask = taken.length - 1;
        int place = SandboxKey.mixed(high, low) & mask;
        while (taken[place] && (table[2 * place] != high || table[2 * place + 1] != low)) {
            place = (place + 1) & mask;
        }
        return place;
    }
}
