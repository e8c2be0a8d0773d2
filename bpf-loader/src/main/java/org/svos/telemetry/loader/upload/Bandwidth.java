package org.svos.telemetry.loader.upload;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps what is sent within so many bytes a second, for all lanes together.
 *
 * <p>What is sent takes its share of time: bytes / rate. Each may begin when the shares of those before it are over, in the order
 * in which they asked, so that none waits for ever; who asks after a pause waits for nobody.
 */
final class Bandwidth {

    private final LongSupplier nanos;
    private long bytesPerSecond;
    private long free;

    /**
     * A limit.
     *
     * @param bytesPerSecond 0 for none
     * @param nanos the clock
     */
    Bandwidth(long bytesPerSecond, LongSupplier nanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanos = nanos;
        this.free = nanos.getAsLong();
    }

    /** From now on; who waits already goes on waiting. */
    synchronized void limit(long other) {
        bytesPerSecond = other;
        free = nanos.getAsLong();
    }

    /** How long to wait before so many bytes may be sent, which they then are. */
    synchronized long nanosUntil(long bytes) {
        if (bytesPerSecond == 0) {
            return 0;
        }
        long now = nanos.getAsLong();
        long begins = Math.max(now, free);
        free = begins + (long) ((double) bytes / bytesPerSecond * TimeUnit.SECONDS.toNanos(1));
        return begins - now;
    }
}
