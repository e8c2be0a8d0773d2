package org.svos.telemetry.gateway.forward;

import java.time.Duration;

/** What a lane is to do after one step. */
sealed interface Step {

    /** The next one, at once. */
    record Again() implements Step {}

    /** Nothing: all is delivered. */
    record Idle() implements Step {}

    /** Wait: Lantern Rock does not take it now. */
    record Wait(Duration duration) implements Step {}
}
