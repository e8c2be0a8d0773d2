package org.svos.telemetry.acceptance;

import java.util.Locale;
import java.util.Random;

/** When a run kills the gateway. */
enum KillMoment {
    /** At any time under load. */
    UNDER_LOAD(9),
    /** When an answer has been read: what it promised is some milliseconds old. */
    AFTER_AN_ANSWER(4),
    /** Before it is ready. */
    STARTING(4),
    /** After SIGTERM, while it finishes what it has begun. */
    STOPPING(3),
    /** When it has just written to its store, and is likely to be in the midst of a commit. */
    WRITING(6),
    /** When it has just made or removed a file of its store. */
    CHANGING_FILES(3);

    private final int share;

    KillMoment(int share) {
        this.share = share;
    }

    /** The name as it is told. */
    String inWords() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static KillMoment any(Random random) {
        int total = 0;
        for (KillMoment moment : values()) {
            total += moment.share;
        }
        int drawn = random.nextInt(total);
        for (KillMoment moment : values()) {
            drawn -= moment.share;
            if (drawn < 0) {
                return moment;
            }
        }
        throw new AssertionError("shares do not add up");
    }
}
