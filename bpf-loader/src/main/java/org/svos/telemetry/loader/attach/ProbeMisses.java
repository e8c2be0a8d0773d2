package org.svos.telemetry.loader.attach;

/**
 * Calls that a probe kept from its program. The kernel counts them from 0 again when it arms the probe anew, with its module.
 *
 * @param before until it last began again, as far as they were read
 * @param now since then
 */
record ProbeMisses(long before, long now) {

    static final ProbeMisses NONE = new ProbeMisses(0, 0);

    /** After another look at the kernel's count. */
    ProbeMisses read(long misses) {
        return new ProbeMisses(misses < now ? before + now : before, misses);
    }

    long all() {
        return before + now;
    }
}
