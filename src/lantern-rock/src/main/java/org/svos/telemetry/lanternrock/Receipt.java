package org.svos.telemetry.lanternrock;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What became of a delivery. The class of the answer decides, never its words. */
public sealed interface Receipt {

    /** Its name where outcomes are told apart. */
    default String outcome() {
        return switch (this) {
            case Delivered _ -> "delivered";
            case Retry _ -> "retry";
            case Parked _ -> "parked";
            case Refused _ -> "refused";
            case KeptInPart _ -> "kept-in-part";
        };
    }

    /** Lantern Rock has it: 2xx, also when it had it before under the same key. */
    record Delivered() implements Receipt {}

    /**
     * Not now: 408, 429, 5xx, a time-out or a broken connection. It may have been taken nevertheless.
     *
     * @param why for a person: the status or the fault
     * @param after what {@code Retry-After} asked for; null if it did not
     */
    record Retry(String why, @Nullable Duration after) implements Receipt {}

    /**
     * Not until somebody mends the address, the credentials or the database: 401, 403, 404, and 3xx, which is never
     * followed.
     *
     * @param answer the beginning of Lantern Rock's answer
     */
    record Parked(int status, String answer) implements Receipt {}

    /**
     * Never as it is: any other 4xx. At least one record of the delivery is at fault.
     *
     * @param answer the beginning of Lantern Rock's answer
     */
    record Refused(int status, String answer) implements Receipt {}

    /**
     * All but some of it: Lantern Rock has the others, and does not say which. To send any of it again would double what it has.
     *
     * @param rejected how many records it has not; over 0 and at most all
     * @param answer the beginning of Lantern Rock's answer
     */
    record KeptInPart(int rejected, int status, String answer) implements Receipt {}
}
