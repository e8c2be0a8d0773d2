package org.svos.telemetry.loader.batch;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;

/** Writes RFC 3339 times with nine digits of the second. The calendar is asked once a second of the events' time. */
final class TimeText {

    /** Bytes of a time with its quotes. */
    static final int LENGTH = 32;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private long second = Long.MIN_VALUE;
    private byte[] prefix = new byte[0];

    /** Writes a time with its quotes: {@code "2026-11-22T09:31:00.123456789Z"}. */
    void write(long wallNanos, Json to) {
        long seconds = Math.floorDiv(wallNanos, NANOS_PER_SECOND);
        if (seconds != second) {
            second = seconds;
            prefix = prefix(seconds);
        }
        to.raw(prefix);
        to.digits((int) Math.floorMod(wallNanos, NANOS_PER_SECOND), 9);
        to.raw('Z');
        to.raw('"');
    }

    private static byte[] prefix(long seconds) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        Json text = new Json(LENGTH);
        text.raw('"');
        text.digits(time.getYear(), 4);
        text.raw('-');
        text.digits(time.getMonthValue(), 2);
        text.raw('-');
        text.digits(time.getDayOfMonth(), 2);
        text.raw('T');
        text.digits(time.getHour(), 2);
        text.raw(':');
        text.digits(time.getMinute(), 2);
        text.raw(':');
        text.digits(time.getSecond(), 2);
        text.raw('.');
        return Arrays.copyOf(text.bytes(), text.length());
    }
}
