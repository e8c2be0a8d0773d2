package org.svos.telemetry.loader.upload;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What came of a post, by what is to be done about it. */
sealed interface Answer {

    /** The gateway has the batch: durable. */
    record Taken(long accepted, Map<String, Long> rejected, boolean replayed) implements Answer {}

    /** Not now: the gateway is over a quota, full, down or not to be reached. The same batch again, later. */
    record Later(String why, @Nullable Duration told) implements Answer {}

    /** The token is not taken. */
    record Unauthenticated(String why) implements Answer {}

    /** Nothing of this sandbox is taken until somebody changes something. */
    record Parked(String why) implements Answer {}

    /** This batch is never taken, though a part of it may be. */
    record Refused(String code, String text) implements Answer {}
}
