package org.svos.telemetry.gateway.forward;

import org.svos.telemetry.lanternrock.Receipt;

/** What became of a batch in a round. */
sealed interface Carried {

    /** Lantern Rock has it, since this round or an earlier one. */
    record Taken(Round.Ahead ahead) implements Carried {}

    /** Lantern Rock has a part of it. */
    record TakenInPart(Shape.Shaped shape, Receipt.KeptInPart receipt) implements Carried {}

    /** As a whole it never will be taken. */
    record Refused(Shape.Shaped shape, Receipt.Refused receipt) implements Carried {}

    /** It has to wait, and all of the lane with it: an answer to retry or to park. */
    record Halted(Receipt receipt) implements Carried {}

    /** It is to go out in parts. */
    record ToCut(Shape.Shaped shape) implements Carried {}

    record Unreadable(Shape.Unreadable shape) implements Carried {}

    record Expired(Shape.Shaped shape) implements Carried {}

    /** Its delivery threw. */
    record Failed(Throwable fault) implements Carried {}

    /** It was not its turn yet. */
    record NotSent() implements Carried {}
}
