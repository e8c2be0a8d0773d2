package org.svos.telemetry.loader.batch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * JSON written straight to bytes. Room is made before, by {@link #reserve}; then nothing is checked and nothing allocated.
 */
final class Json {

    /** Most bytes that one byte of a text becomes: a control character, as a backslash, u and four digits. */
    static final int EXPANSION = 6;

    private static final int LONGEST_NUMBER = 20;
    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

    private byte[] bytes;
    private int length;
    private byte[] source = new byte[256];

    Json(int capacity) {
        bytes = new byte[capacity];
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
        if (value < 10) {
            raw('0' + (int) value);
            return;
        }
        int digits = digits(value);
        int at = length + digits;
        length = at;
        long rest = value;
        while (rest != 0) {
            bytes[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static int digits(long value) {
        int digits = 1;
        for (long bound = 10; digits < LONGEST_NUMBER - 1 && value >= bound; bound *= 10) {
            digits++;
        }
        return digits;
    }

    /** So many digits of a number, with leading zeroes. */
    void digits(int value, int count) {
        int rest = value;
        for (int at = length + count - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += count;
    }

    /** A string with its quotes. Bytes that are no UTF-8 become U+FFFD, as Java's own decoder has it. */
    void text(ByteBuffer from, int offset, int count) {
        if (source.length < count) {
            source = new byte[Math.max(count, source.length * 2)];
        }
        from.get(offset, source, 0, count);
        text(source, count);
    }

    void text(byte[] from, int count) {
        raw('"');
        int at = 0;
        while (at < count) {
            byte b = from[at];
            if (b >= ' ' && b != '"' && b != '\\') {
                bytes[length++] = b;
                at++;
            } else if (b >= 0) {
                escape(b);
                at++;
            } else {
                at += utf8(from, at, count);
            }
        }
        raw('"');
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
    private int utf8(byte[] from, int at, int count) {
        int first = from[at] & 0xFF;
        int size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        boolean begins = first >= 0xC2 && first <= 0xF4;
        int good = 1;
        while (begins && good < size && at + good < count && continues(first, good, from[at + good] & 0xFF)) {
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
