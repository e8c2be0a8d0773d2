package org.svos.telemetry.gateway.admission;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands where it is set. */
public final class SetClock implements InstantSource {

    private volatile Instant now;

    public SetClock(Instant now) {
        this.now = now;
    }

    @Override
    public Instant instant() {
        return now;
    }

    public void set(Instant instant) {
        now = instant;
    }

    public void advance(Duration duration) {
        now = now.plus(duration);
    }
}
