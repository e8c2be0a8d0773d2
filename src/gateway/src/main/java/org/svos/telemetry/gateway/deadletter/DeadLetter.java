package org.svos.telemetry.gateway.deadletter;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter as its owner sees it.
 *
 * @param sandbox whose event it is
 * @param events 1; or all of a batch whose body could not be read; or how many of a delivery Lantern Rock has not
 * @param reason {@code refused} by Lantern Rock, {@code partly-refused} (it has all but some of the delivery, and does not say
 *     which), or {@code unreadable} here
 * @param status Lantern Rock's, null if it was not asked
 * @param answer the beginning of Lantern Rock's answer, or what made the body unreadable
 * @param kind of the event, its name and number, where it is one
 * @param idempotencyKey that it was refused under, and is delivered under when it is replayed
 * @param replayAskedAt when somebody asked for it to be delivered again; null if nobody did, or it was refused again
 * @param delivery what was refused, as JSON; only where one letter is asked for, and never of an unreadable one
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record DeadLetter(
        String id,
        String sandbox,
        int events,
        String reason,
        @Nullable Integer status,
        String answer,
        @Nullable String kind,
        @Nullable String name,
        @Nullable Long seq,
        String idempotencyKey,
        Instant admittedAt,
        Instant diedAt,
        @Nullable Instant replayAskedAt,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonRawValue @Nullable
        String delivery) {}
