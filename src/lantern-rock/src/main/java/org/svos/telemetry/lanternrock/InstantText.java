package org.svos.telemetry.lanternrock;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * Times as {@link Instant#toString} spells them, written into one array again and again: a delivery has one for each record, and the
 * JDK's formatter makes several objects for each.
 *
 * <pre>
 * 2026-11-22T09:31:00[.123[456[789]]]Z
 * </pre>
 */
final class InstantText {

    private static final long SECONDS_A_DAY = 86_400;
    /** Years of four digits without a sign. */
    private static final long FIRST_SECOND =
            LocalDate.of(0, 1, 1).atStartOfDay(ZoneOffset.UTC).toEpochSecond();

    private static final long LAST_SECOND =
            LocalDate.of(9999, 12, 31).atStartOfDay(ZoneOffset.UTC).toEpochSecond() + SECONDS_A_DAY - 1;

    private final char[] chars = new char[64];
    private int length;
    /** The day whose date the array begins with. */
    private long day = Long.MIN_VALUE;

    /** What was written, from 0 on. */
    char[] chars() {
        return chars;
    }

    /** Writes a time; how long it is. */
    int write(Instant time) {
        long second = time.getEpochSecond();
        if (second < FIRST_SECOND || second > LAST_SECOND) {
            day = Long.MIN_VALUE;
            String text = time.toString();
            text.getChars(0, text.length(), chars, 0);
            return text.length();
        }
        date(Math.floorDiv(second, SECONDS_A_DAY));
        int ofDay = (int) Math.floorMod(second, SECONDS_A_DAY);
        length = 11;
        number(ofDay / 3600, 2);
        chars[length++] = ':';
        number(ofDay / 60 % 60, 2);
        chars[length++] = ':';
        number(ofDay % 60, 2);
        fraction(time.getNano());
        chars[length++] = 'Z';
        return length;
    }

    private void date(long wanted) {
        if (wanted == day) {
            return;
        }
        day = wanted;
        LocalDate date = LocalDate.ofEpochDay(wanted);
        length = 0;
        number(date.getYear(), 4);
        chars[length++] = '-';
        number(date.getMonthValue(), 2);
        chars[length++] = '-';
        number(date.getDayOfMonth(), 2);
        chars[length] = 'T';
    }

    private void fraction(int nanos) {
        if (nanos == 0) {
            return;
        }
        chars[length++] = '.';
        if (nanos % 1_000_000 == 0) {
            number(nanos / 1_000_000, 3);
        } else if (nanos % 1_000 == 0) {
            number(nanos / 1_000, 6);
        } else {
            number(nanos, 9);
        }
    }

    private void number(int value, int digits) {
        int rest = value;
        for (int i = length + digits - 1; i >= length; i--) {
            chars[i] = (char) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }
}
