package org.svos.telemetry.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {

    @ParameterizedTest
    @CsvSource({
        "2026-11-22T09:31:00Z, 2026-11-22T09:31:00Z",
        "2026-11-22t09:31:00z, 2026-11-22T09:31:00Z",
        "2026-11-22T09:31:00.1Z, 2026-11-22T09:31:00.1Z",
        "2026-11-22T09:31:00.123456789Z, 2026-11-22T09:31:00.123456789Z",
        "2026-11-22T09:31:00.000000001+05:30, 2026-11-22T04:01:00.000000001Z",
        "2026-01-01T00:00:00-00:00, 2026-01-01T00:00:00Z",
        "2024-02-29T23:59:59-23:59, 2024-03-01T23:58:59Z",
        "2016-12-31T23:59:60Z, 2017-01-01T00:00:00Z",
        "2016-12-31T15:59:60.5-08:00, 2017-01-01T00:00:00.5Z",
        "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z, 9999-12-31T23:59:59.999999999Z"
    })
    void aTimeIsRead(String text, Instant time) {
        assertThat(Rfc3339.parse(text)).isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026",
                "2026-11-22",
                "2026-11-22T09:31Z",
                "2026-11-22T09:31:00",
                "2026-11-22 09:31:00Z",
                "2026-11-22T09:31:00.Z",
                "2026-11-22T09:31:00.1234567890Z",
                "2026-11-22T09:31:00,5Z",
                "2026-11-22T09:31:00+0530",
                "2026-11-22T09:31:00+24:00",
                "2026-11-22T09:31:00+05:60",
                "2026-11-22T09:31:00ZZ",
                "2026-11-22T09:31:00Z ",
                "2026-13-01T00:00:00Z",
                "2026-00-01T00:00:00Z",
                "2026-02-29T00:00:00Z",
                "1900-02-29T00:00:00Z",
                "2026-04-31T00:00:00Z",
                "2026-11-00T00:00:00Z",
                "2026-11-22T24:00:00Z",
                "2026-11-22T09:60:00Z",
                "2026-11-22T09:31:60Z",
                "2026-11-22T23:59:61Z",
                "+026-11-22T09:31:00Z",
                "2026-11-22T-9:31:00Z",
                "２０２６-11-22T09:31:00Z"
            })
    void whatIsNoTimeIsNone(String text) {
        assertThat(Rfc3339.parse(text)).isNull();
    }

    @Property
    void everyTimeThatJavaWritesIsRead(
            @ForAll @LongRange(min = -62_167_000_000L, max = 253_402_200_000L) long second,
            @ForAll @IntRange(max = 999_999_999) int nano,
            @ForAll @IntRange(min = -1079, max = 1079) int offsetMinutes) {
        Instant time = Instant.ofEpochSecond(second, nano);
        OffsetDateTime local = time.atOffset(ZoneOffset.ofTotalSeconds(offsetMinutes * 60));
        if (local.getYear() < 0 || local.getYear() > 9999) {
            return;
        }

        assertThat(Rfc3339.parse(time.toString())).isEqualTo(time);
        String text = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(local);
        assertThat(Rfc3339.parse(text)).isEqualTo(time);
    }
}
