package org.svos.telemetry.loader.batch;

import java.util.Arrays;
import org.svos.telemetry.event.SandboxId;

/** Reads a sandbox ID as 128 bits, without making an object of it. For one thread. */
final class SandboxKey {

    private static final int LENGTH = 36;
    private static final byte NO_DIGIT = -1;
    private static final byte[] DIGITS = new byte[256];

    /** Where the 32 digits are between the hyphens. */
    private static final int[] PLACES = new int[32];

    static {
        int digits = 0;
        for (int i = 0; i < LENGTH; i++) {
            if (i != 8 && i != 13 && i != 18 && i != 23) {
                PLACES[digits++] = i;
            }
        }
        Arrays.fill(DIGITS, NO_DIGIT);
        for (int digit = 0; digit < 16; digit++) {
            DIGITS[Character.forDigit(digit, 16)] = (byte) digit;
            DIGITS[Character.toUpperCase(Character.forDigit(digit, 16))] = (byte) digit;
        }
    }

    private long high;
    private long low;

    /** Reads the text; false if it is no sandbox ID. */
    boolean read(byte[] text, int offset, int length) {
        if (length != LENGTH
                || text[offset + 8] != '-'
                || text[offset + 13] != '-'
                || text[offset + 18] != '-'
                || text[offset + 23] != '-') {
            return false;
        }
        int all = 0;
        long upper = 0;
        long lower = 0;
        for (int i = 0; i < PLACES.length / 2; i++) {
            int digit = DIGITS[text[offset + PLACES[i]] & 0xFF];
            int below = DIGITS[text[offset + PLACES[i + PLACES.length / 2]] & 0xFF];
            all |= digit | below;
            upper = upper << 4 | digit;
            lower = lower << 4 | below;
        }
        high = upper;
        low = lower;
        return all >= 0; // NO_DIGIT is negative, and stays so whatever is added.
    }

    static long high(SandboxId sandbox) {
        return Long.parseUnsignedLong(sandbox.value().replace("-", ""), 0, 16, 16);
    }

    static long low(SandboxId sandbox) {
        return Long.parseUnsignedLong(sandbox.value().replace("-", ""), 16, 32, 16);
    }

    /** Well spread, for tables. */
    static int mixed(long high, long low) {
        return (int) (((high ^ Long.rotateLeft(low, 32)) * 0x9E3779B97F4A7C15L) >>> 32);
    }

    long high() {
        return high;
    }

    long low() {
        return low;
    }

    /** The ID that was read last. */
    SandboxId id() {
        String hex = String.format("%016x%016x", high, low);
        return new SandboxId(String.join(
                "-",
                hex.substring(0, 8),
                hex.substring(8, 12),
                hex.substring(12, 16),
                hex.substring(16, 20),
                hex.substring(20)));
    }
}
