package org.svos.telemetry.gateway.registry;

import org.svos.telemetry.gateway.quota.Quota;

/** Quotas by one word, as Lantern Rock speaks of its databases' loads. */
enum Size {
    SMALL(1, 100),
    /** What Lantern Rock takes for a medium load: around 10 MB a day. */
    MEDIUM(10, 1_000),
    LARGE(100, 10_000);

    private static final long MIB = 1024 * 1024;
    private static final long BURST_SECONDS = 10;

    private final long mibPerDay;
    private final long eventsPerSecond;

    Size(long mibPerDay, long eventsPerSecond) {
        this.mibPerDay = mibPerDay;
        this.eventsPerSecond = eventsPerSecond;
    }

    Quota quota() {
        return new Quota(mibPerDay * MIB, eventsPerSecond, eventsPerSecond * BURST_SECONDS, Quota.Mode.ENFORCE);
    }
}
