package org.svos.telemetry.gateway.quota;

/**
 * What a database may send.
 *
 * @param bytesPerDay decompressed bytes a UTC day; at least 1
 * @param eventsPerSecond the bucket's refill; at least 1
 * @param burst the bucket's size, in events; at least 1
 */
public record Quota(long bytesPerDay, long eventsPerSecond, long burst, Mode mode) {

    /** No part of a quota may be greater: enough for every use, and little enough that no sum overflows. */
    public static final long MAX = 1_000_000_000_000_000L;

    public Quota {
        check("bytesPerDay", bytesPerDay);
        check("eventsPerSecond", eventsPerSecond);
        check("burst", burst);
    }

    private static void check(String name, long value) {
        if (value < 1 || value > MAX) {
            throw new IllegalArgumentException(name + " is " + value + ", not between 1 and " + MAX);
        }
    }

    /** Whether going over it refuses a batch, or only counts it. */
    public enum Mode {
        ENFORCE,
        SHADOW
    }

    /** Quotas that go by a name. */
    public enum Size {
        SMALL,
        MEDIUM,
        LARGE;

        /** The quota of that size, enforced. */
        public Quota quota() {
            return switch (this) {
                case SMALL -> new Quota(1 << 20, 100, 1_000, Mode.ENFORCE);
                case MEDIUM -> new Quota(10 << 20, 1_000, 10_000, Mode.ENFORCE);
                case LARGE -> new Quota(100 << 20, 10_000, 100_000, Mode.ENFORCE);
            };
        }
    }
}
