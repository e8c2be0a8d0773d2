package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;

/** The kernel's boot-time clock, which goes on in suspend. For one thread. */
public final class BootClock {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Memory timespec = new Memory(2L * Long.BYTES);

    /** Nanoseconds since the boot. */
    public long nanos() {
        if (LibC.clock_gettime(LibC.CLOCK_BOOTTIME, timespec) != 0) {
            throw new IllegalStateException("no boot-time clock: " + LibC.describe(Errno.last()));
        }
        return timespec.getLong(0) * NANOS_PER_SECOND + timespec.getLong(Long.BYTES);
    }
}
