package org.svos.telemetry.event;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Lets through what is UTF-8 and ends at the first byte that is not. The JSON parser takes overlong forms, encoded
 * surrogates and code points beyond U+10FFFF, and not always the same when it skips a text as when it reads it; what intake
 * takes must be readable for ever after, so this decides, for both.
 */
final class Utf8Stream extends InputStream {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    /** The parser judges by these bytes whether a text is UTF-16 or UTF-32: only such has a NUL among them. */
    private static final int TELLING_BYTES = 4;

    private final InputStream in;
    private final byte[] single = new byte[1];

    /** Bytes seen and found good. */
    private long position;
    /** Continuation bytes that the character at hand still wants. */
    private int wanted;
    /** What the next continuation byte may be: it is narrower than 80..BF after some first bytes. */
    private int lowest;

    private int highest;
    private @Nullable String fault;

    Utf8Stream(InputStream in) {
        this.in = in;
    }

    /** What was wrong and where, or null if nothing was. */
    @Nullable
    String fault() {
        return fault;
    }

    @Override
    public int read() throws IOException {
        int n = read(single, 0, 1);
        return n < 0 ? -1 : single[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (fault != null) {
            return -1;
        }
        int n = in.read(buffer, offset, length);
        if (n < 0) {
            if (wanted > 0) {
                fault = "the body ends within a UTF-8 character";
            }
            return n;
        }
        int good = check(buffer, offset, offset + n) - offset;
        position += good;
        return good == 0 && n > 0 ? -1 : good;
    }

    /** The index of the first byte that is wrong, or the end. */
    private int check(byte[] buffer, int from, int end) {
        int i = from;
        while (i < end) {
            boolean telling = position + i - from < TELLING_BYTES;
            if (wanted == 0 && !telling) {
                i = skipAscii(buffer, i, end);
                if (i == end) {
                    return end;
                }
            }
            int b = buffer[i] & 0xFF;
            boolean good = wanted > 0 ? continues(b) : b < 0x80 ? b != 0 || !telling : starts(b);
            if (!good) {
                fault = "the body is not UTF-8: byte 0x%02X at offset %d".formatted(b, position + i - from);
                return i;
            }
            i++;
        }
        return end;
    }

    private static int skipAscii(byte[] buffer, int from, int end) {
        int i = from;
        while (i + Long.BYTES <= end && ((long) LONGS.get(buffer, i) & HIGH_BITS) == 0) {
            i += Long.BYTES;
        }
        while (i < end && buffer[i] >= 0) {
            i++;
        }
        return i;
    }

    /** Unicode 17, table 3-7, well-formed UTF-8 byte sequences: the first bytes beyond ASCII. */
    private boolean starts(int b) {
        lowest = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
        highest = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
        wanted = b >= 0xF0 ? 3 : b >= 0xE0 ? 2 : 1;
        return b >= 0xC2 && b <= 0xF4;
    }

    private boolean continues(int b) {
        boolean good = b >= lowest && b <= highest;
        wanted--;
        lowest = 0x80;
        highest = 0xBF;
        return good;
    }
}
