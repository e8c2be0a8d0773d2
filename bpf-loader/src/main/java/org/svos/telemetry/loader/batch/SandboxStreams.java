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
        String hex = sandbox.value().replace("-", "");
        long high = Long.parseUnsignedLong(hex.substring(0, 16), 16);
        long low = Long.parseUnsignedLong(hex.substring(16), 16);
        add(new SandboxStream(high, low, sandbox, nextSeq));
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
        long mixed = (high ^ Long.rotateLeft(low, 32)) * 0x9E3779B97F4A7C15L;
        int slot = (int) (mixed >>> 32) & mask;
        SandboxStream there = table[slot];
        while (there != null && (there.high != high || there.low != low)) {
            slot = (slot + 1) & mask;
            there = table[slot];
        }
        return slot;
    }
}
