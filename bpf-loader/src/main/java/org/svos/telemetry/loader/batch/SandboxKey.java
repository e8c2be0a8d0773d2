package org.svos.telemetry.loader.batch;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.svos.telemetry.event.SandboxId;

/** Reads a sandbox ID out of memory as 128 bits, without making an object of it. For one thread. */
final class SandboxKey {

    private static final int LENGTH = 36;
    private static final byte NO_DIGIT = -1;
    private static final byte[] DIGITS = new byte[256];

    static {
        Arrays.fill(DIGITS, NO_DIGIT);
        for (int digit = 0; digit < 16; digit++) {
            DIGITS[Character.forDigit(digit, 16)] = (byte) digit;
            DIGITS[Character.toUpperCase(Character.forDigit(digit, 16))] = (byte) digit;
        }
    }

    private long high;
    private long low;

    /** Reads the text; false if it is no sandbox ID. */
    boolean read(ByteBuffer memory, int offset, int length) {
        if (length != LENGTH) {
            return false;
        }
        long upper = 0;
        long lower = 0;
        for (int i = 0; i < LENGTH; i++) {
            byte b = memory.get(offset + i);
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (b != '-') {
                    return false;
                }
                continue;
            }
            byte digit = DIGITS[b & 0xFF];
            if (digit == NO_DIGIT) {
                return false;
            }
            upper = upper << 4 | lower >>> 60;
            lower = lower << 4 | digit;
        }
        high = upper;
        low = lower;
        return true;
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
