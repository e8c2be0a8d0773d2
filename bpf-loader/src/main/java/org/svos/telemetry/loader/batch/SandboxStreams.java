package org.svos.telemetry.loader.batch;

import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;

/** The streams of this boot by sandbox: an open-addressed table over 128-bit keys, at most half full, never shrinking. */
final class SandboxStreams {

    /** More sandboxes than this on one boot of one host are refused, so that memory stays bounded. */
    static final int MOST = 100_000;

    private @Nullable SandboxStream[] table = new @Nullable SandboxStream[64];
    private int size;

    /** The stream of a sandbox, made when it is new; null if there are too many. */
    @Nullable
    SandboxStream of(SandboxKey key) {
        int slot = slot(table, key.high(), key.low());
        SandboxStream found = table[slot];
        return found != null ? found : add(new SandboxStream(key.high(), key.low(), key.id(), 1));
    }

    /** Takes a stream up where an earlier run left it. */
    void resume(SandboxId sandbox, long nextSeq) {
        add(new SandboxStream(SandboxKey.high(sandbox), SandboxKey.low(sandbox), sandbox, nextSeq));
    }

    private @Nullable SandboxStream add(SandboxStream stream) {
        if (size >= MOST) {
            return null;
        }
        if (2 * (size + 1) > table.length) {
            grow();
        }
        table[slot(table, stream.high, stream.low)] = stream;
        size++;
        return stream;
    }

    private void grow() {
        @Nullable SandboxStream[] larger = new @Nullable SandboxStream[table.length * 2];
        for (SandboxStream stream : table) {
            if (stream != null) {
                larger[slot(larger, stream.high, stream.low)] = stream;
            }
        }
        table = larger;
    }

    /** The slot that holds the key, or the free one where it belongs. */
    private static int slot(@Nullable SandboxStream[] table, long high, long low) {
        int mask = table.length - 1;
        int slot = SandboxKey.mixed(high, low) & mask;
        SandboxStream there = table[slot];
        while (there != null && (there.high != high || there.low != low)) {
            slot = (slot + 1) & mask;
            there = table[slot];
        }
        return slot;
    }
}
