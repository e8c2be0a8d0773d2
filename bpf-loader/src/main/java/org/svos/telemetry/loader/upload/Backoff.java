package org.svos.telemetry.loader.upload;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.config.Config;

/**
 * How long a lane waits before it tries again.
 *
 * <p>After the n-th failure in a row: a random time from nothing to first × 2ⁿ⁻¹, but no more than the longest ("full
 * jitter", so that many hosts do not come back together). If the gateway said how long to wait, that long and then the
 * random time, added to it and not cut out of it.
 */
final class Backoff {

    private static final int MOST_DOUBLINGS = 20;

    private final Supplier<Config.Upload> settings;
    private final RandomGenerator random;
    private int failures;

    Backoff(Supplier<Config.Upload> settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    /** The next pause, after one more failure. */
    Duration pause(@Nullable Duration told) {
        Config.Upload now = settings.get();
        long first = now.firstPause().toMillis();
        long most = Math.min(now.longestPause().toMillis(), first << Math.min(failures, MOST_DOUBLINGS));
        failures++;
        Duration jitter = Duration.ofMillis(random.nextLong(Math.max(1, most) + 1));
        return told == null ? jitter : told.plus(jitter);
    }

    /** The pause of a lane that waits for people: about as long as set, half as much again at most. */
    Duration parked() {
        long pause = settings.get().parkedPause().toMillis();
        return Duration.ofMillis(pause + random.nextLong(pause / 2 + 1));
    }

    /** It went well. */
    void reset() {
        failures = 0;
    }
}
