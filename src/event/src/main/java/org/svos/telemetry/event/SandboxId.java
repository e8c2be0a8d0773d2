package org.svos.telemetry.event;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox ID: 32 hexadecimal digits in UUID form, lower case, of any version and variant. An identifier, not a secret.
 *
 * @param value 36 characters, lower case
 */
public record SandboxId(String value) {

    private static final int LENGTH = 36;

    public SandboxId {
        if (!isCanonical(value)) {
            throw new IllegalArgumentException("no sandbox ID in lower case: " + value);
        }
    }

    /** The sandbox ID that the text spells, in upper or lower case, or null if it spells none. */
    public static @Nullable SandboxId parse(@Nullable String text) {
        if (text == null || text.length() != LENGTH) {
            return null;
        }
        String lower = text.toLowerCase(Locale.ROOT);
        return isCanonical(lower) ? new SandboxId(lower) : null;
    }

    private static boolean isCanonical(String text) {
        if (text.length() != LENGTH) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            boolean good = dash ? text.charAt(i) == '-' : isLowerHex(text.charAt(i));
            if (!good) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLowerHex(char c) {
        return c >= 'a' ? c <= 'f' : c >= '0' && c <= '9';
    }

    @Override
    public String toString() {
        return value;
    }
}
