package org.svos.telemetry.event;

import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.chrono.IsoChronology;
import org.jspecify.annotations.Nullable;

/**
 * Times as RFC 3339 spells them, read from the parser's own buffer: a batch is checked without a text or a time being made
 * for each of its events.
 *
 *     0    5  8  11 14 17 19
 *     2026-11-22T09:31:00[.1 to .123456789](Z|+00:00|-00:00)
 *
 * T and Z may be lower case. A leap second, 23:59:60 UTC, is the second after it, as POSIX counts.
 */
final class Rfc3339 {

    /** No time is longer: seconds, nine digits of a fraction, and an offset. */
    static final int MAX_LENGTH = 35;

    private static final int FRACTION = 19;
    private static final int MAX_FRACTION_DIGITS = 9;
    private static final int OFFSET_LENGTH = 6;
    private static final int SECONDS_A_DAY = 86_400;

    private Rfc3339() {}

    /** Whether the text is a time. */
    static boolean isValid(char[] text, int offset, int length) {
        if (length < FRACTION + 1
                || text[offset + 4] != '-'
                || text[offset + 7] != '-'
                || (text[offset + 10] | 0x20) != 't'
                || text[offset + 13] != ':'
                || text[offset + 16] != ':') {
            return false;
        }
        int year = number(text, offset, 4);
        int month = number(text, offset + 5, 2);
        int day = number(text, offset + 8, 2);
        int hour = number(text, offset + 11, 2);
        int minute = number(text, offset + 14, 2);
        int second = number(text, offset + 17, 2);
        if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
            return false;
        }
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
            return false;
        }
        int zone = zone(text, offset, length);
        if (zone < 0 || !isZone(text, zone, offset + length)) {
            return false;
        }
        return second < 60 || isLastOfDay(hour * 60 + minute - zoneMinutes(text, zone));
    }

    /** The time that a valid text spells. */
    static Instant instant(char[] text, int offset, int length) {
        long day = LocalDate.of(number(text, offset, 4), number(text, offset + 5, 2), number(text, offset + 8, 2))
                .toEpochDay();
        int zone = zone(text, offset, length);
        int minutes = number(text, offset + 11, 2) * 60 + number(text, offset + 14, 2) - zoneMinutes(text, zone);
        int nanos = 0;
        int fraction = offset + FRACTION + 1;
        for (int i = 0; zone > fraction && i < MAX_FRACTION_DIGITS; i++) {
            nanos = nanos * 10 + (fraction + i < zone ? text[fraction + i] - '0' : 0);
        }
        return Instant.ofEpochSecond(day * SECONDS_A_DAY + minutes * 60L + number(text, offset + 17, 2), nanos);
    }

    /** The time that the text spells, or null if it is none. */
    static @Nullable Instant parse(String text) {
        char[] chars = text.toCharArray();
        return isValid(chars, 0, chars.length) ? instant(chars, 0, chars.length) : null;
    }

    private static int daysIn(int year, int month) {
        return Month.of(month).length(IsoChronology.INSTANCE.isLeapYear(year));
    }

    private static boolean isLastOfDay(int minuteUtc) {
        return Math.floorMod(minuteUtc, 24 * 60) == 24 * 60 - 1;
    }

    /** Where the zone starts, after a fraction of 0 to 9 digits; −1 if the fraction is none. */
    private static int zone(char[] text, int offset, int length) {
        int i = offset + FRACTION;
        int end = offset + length;
        if (text[i] != '.') {
            return i;
        }
        int first = ++i;
        while (i < end && isDigit(text[i])) {
            i++;
        }
        return i == first || i - first > MAX_FRACTION_DIGITS ? -1 : i;
    }

    private static boolean isZone(char[] text, int zone, int end) {
        if (zone + 1 == end) {
            return (text[zone] | 0x20) == 'z';
        }
        if (zone + OFFSET_LENGTH != end || (text[zone] != '+' && text[zone] != '-') || text[zone + 3] != ':') {
            return false;
        }
        int hours = number(text, zone + 1, 2);
        int minutes = number(text, zone + 4, 2);
        return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59;
    }

    /** Minutes that the local time is ahead of UTC. */
    private static int zoneMinutes(char[] text, int zone) {
        if ((text[zone] | 0x20) == 'z') {
            return 0;
        }
        int minutes = number(text, zone + 1, 2) * 60 + number(text, zone + 4, 2);
        return text[zone] == '-' ? -minutes : minutes;
    }

    /** The number of those digits, or −1 if they are none. */
    private static int number(char[] text, int offset, int digits) {
        int n = 0;
        for (int i = offset; i < offset + digits; i++) {
            if (!isDigit(text[i])) {
                return -1;
            }
            n = n * 10 + (text[i] - '0');
        }
        return n;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
