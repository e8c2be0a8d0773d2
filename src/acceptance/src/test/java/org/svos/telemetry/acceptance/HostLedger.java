package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The host's ledger, in events, as the loader prints it at its end. */
record HostLedger(long seen, long captured, long accepted, long rejected, long waiting, long lost) {

    private static final Pattern LINE = Pattern.compile(
            "ledger: seen (\\d+), captured (\\d+), accepted (\\d+), rejected (\\d+), waiting (\\d+), lost (\\d+)");

    /** Of a line that has it. */
    static HostLedger of(String line) {
        Matcher matcher = LINE.matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        return new HostLedger(
                number(matcher, 1),
                number(matcher, 2),
                number(matcher, 3),
                number(matcher, 4),
                number(matcher, 5),
                number(matcher, 6));
    }

    private static long number(Matcher matcher, int group) {
        return Long.parseLong(matcher.group(group));
    }

    /** So many events were seen, and every one of them was accepted. */
    static HostLedger allAccepted(long events) {
        return new HostLedger(events, events, events, 0, 0, 0);
    }
}
