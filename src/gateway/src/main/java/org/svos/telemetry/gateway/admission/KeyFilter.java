package org.svos.telemetry.gateway.admission;

import org.jspecify.annotations.Nullable;

/**
 * Tells of most new keys that they are new, in memory of a fixed size: a Bloom filter of two generations. A key is added to the
 * younger one; when that has had keys for as long as a key is remembered it becomes the older one, and the older one, whose keys
 * have all expired by then, goes.
 *
 * <pre>
 * a generation: 2^25 bits, 4 MiB; a key sets up to 4 of them, all in one word of 64
 * </pre>
 *
 * With a million keys some in ten thousand new ones are looked for in vain, with four million some in a hundred, with twenty
 * million nearly all: then it is of no use, and the store is asked as it would be without it.
 */
final class KeyFilter {

    private static final int WORDS = 1 << 19;
    private static final int BITS_A_KEY = 4;

    private final long memoryMillis;
    private volatile long[] young = new long[WORDS];
    private volatile long @Nullable [] old;
    private long youngSince;
    private volatile boolean complete;

    KeyFilter(long memoryMillis, long now) {
        this.memoryMillis = memoryMillis;
        youngSince = now;
    }

    /** Every key of the store was added. */
    void complete() {
        complete = true;
    }

    /** Whether the key may have been added; certainly so if it was, within its memory. */
    boolean mayHave(long databaseId, String sandbox, String key) {
        if (!complete) {
            return true;
        }
        long hash = hash(databaseId, sandbox, key);
        long[] older = old;
        return has(young, hash) || (older != null && has(older, hash));
    }

    private static boolean has(long[] words, long hash) {
        long bits = bits(hash);
        return (words[word(hash)] & bits) == bits;
    }

    synchronized void add(long databaseId, String sandbox, String key, long now) {
        if (now - youngSince >= memoryMillis && complete) {
            old = young;
            young = new long[WORDS];
            youngSince = now;
        }
        long hash = hash(databaseId, sandbox, key);
        young[word(hash)] |= bits(hash);
    }

    private static int word(long hash) {
        return (int) (hash >>> 45);
    }

    private static long bits(long hash) {
        long bits = 0;
        for (int i = 0; i < BITS_A_KEY; i++) {
            bits |= 1L << (hash >>> (i * 6));
        }
        return bits;
    }

    /** Spreads the texts' own hashes, which String remembers, over 64 bits (the finisher of SplitMix64). */
    private static long hash(long databaseId, String sandbox, String key) {
        long hash = databaseId * 0x9E3779B97F4A7C15L + sandbox.hashCode() * 0xC2B2AE3D27D4EB4FL + key.hashCode();
        hash = (hash ^ (hash >>> 30)) * 0xBF58476D1CE4E5B9L;
        hash = (hash ^ (hash >>> 27)) * 0x94D049BB133111EBL;
        return hash ^ (hash >>> 31);
    }
}
