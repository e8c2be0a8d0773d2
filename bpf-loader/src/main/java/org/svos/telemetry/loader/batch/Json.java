package org.svos.telemetry.loader.batch;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * JSON written straight to bytes. Room is made before, by {@link #reserve}; then nothing is checked and nothing allocated.
 */
final class Json {

    /** Most bytes that one byte of a text becomes: a control character, as a backslash, u and four digits. */
    static final int EXPANSION = 6;

    private static final long BILLION = 1_000_000_000L;

    // n / 100 = n * HUNDREDTH >>> HUNDREDTH_SHIFT for any int that is not negative.
    private static final long HUNDREDTH = 0x51EB851FL;
    private static final int HUNDREDTH_SHIFT = 37;

    /** 00, 01, and so on to 99. */
    private static final byte[] PAIRS = pairs();

    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

    private byte[] bytes;
    private int length;

    Json(int capacity) {
        bytes = new byte[capacity];
    }

    private static byte[] pairs() {
        byte[] pairs = new byte[200];
        for (int i = 0; i < 100; i++) {
            pairs[2 * i] = (byte) ('0' + i / 10);
            pairs[2 * i + 1] = (byte) ('0' + i % 10);
        }
        return pairs;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    int capacity() {
        return bytes.length;
    }

    void clear() {
        length = 0;
    }

    void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }

    void raw(byte[] ascii) {
        System.arraycopy(ascii, 0, bytes, length, ascii.length);
        length += ascii.length;
    }

    void raw(int ascii) {
        bytes[length++] = (byte) ascii;
    }

    /** A whole number, not negative. */
    void number(long value) {
        if (value < BILLION) {
            number((int) value);
        } else {
            long high = value / BILLION;
            number(high);
            digits((int) (value - high * BILLION), 9);
        }
    }

    private void number(int value) {
        int digits = 1;
        for (int bound = 10; digits < 9 && value >= bound; bound *= 10) {
            digits++;
        }
        digits(value, digits);
    }

    /** So many digits of a number, with leading zeroes. Two at a time, for a division takes as long as ten other steps. */
    void digits(int value, int count) {
        byte[] to = bytes;
        int at = length + count;
        int rest = value;
        while (at - length >= 2) {
            int hundredth = (int) ((rest * HUNDREDTH) >>> HUNDREDTH_SHIFT);
            int pair = 2 * (rest - 100 * hundredth);
            to[--at] = PAIRS[pair + 1];
            to[--at] = PAIRS[pair];
            rest = hundredth;
        }
        if (at > length) {
            to[--at] = PAIRS[2 * (rest % 100) + 1];
        }
        length += count;
    }

    void text(byte[] from, int count) {
        text(from, 0, count);
    }

    /** A string with its quotes. Bytes that are no UTF-8 become U+FFFD, as Java's own decoder has it. */
    void text(byte[] from, int offset, int count) {
        raw('"');
        int end = offset + count;
        int at = offset;
        while (at < end) {
            int plain = at;
            while (at < end && isPlain(from[at])) {
                at++;
            }
            System.arraycopy(from, plain, bytes, length, at - plain);
            length += at - plain;
            if (at < end) {
                byte b = from[at];
                if (b >= 0) {
                    escape(b);
                    at++;
                } else {
                    at += utf8(from, at, end);
                }
            }
        }
        raw('"');
    }

    private static boolean isPlain(byte b) {
        return b >= ' ' && b != '"' && b != '\\';
    }

    private void escape(byte b) {
        bytes[length++] = '\\';
        switch (b) {
            case '"', '\\' -> raw(b);
            case '\n' -> raw('n');
            case '\r' -> raw('r');
            case '\t' -> raw('t');
            default -> {
                raw('u');
                raw('0');
                raw('0');
                raw(HEX[b >> 4]);
                raw(HEX[b & 15]);
            }
        }
    }

    /**
     * Copies a character of several bytes, or writes U+FFFD for the longest part that could have begun one, and returns how
     * many bytes that took. A surrogate's three bytes are one such part, as Java's decoder has it.
     */
    private int utf8(byte[] from, int at, int end) {
        int first = from[at] & 0xFF;
        int size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        boolean begins = first >= 0xC2 && first <= 0xF4;
        int good = 1;
        while (begins && good < size && at + good < end && continues(first, good, from[at + good] & 0xFF)) {
            good++;
        }
        boolean surrogate = first == 0xED && good > 1 && (from[at + 1] & 0xFF) >= 0xA0;
        if (begins && good == size && !surrogate) {
            System.arraycopy(from, at, bytes, length, size);
            length += size;
        } else {
            raw(REPLACEMENT);
        }
        return good;
    }

    /** Whether a byte can stand in that place: no overlong form, nothing above U+10FFFF. */
    private static boolean continues(int first, int place, int b) {
        if (place > 1) {
            return b >= 0x80 && b <= 0xBF;
        }
        int low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int high = first == 0xF4 ? 0x8F : 0xBF;
        return b >= low && b <= high;
    }
}
