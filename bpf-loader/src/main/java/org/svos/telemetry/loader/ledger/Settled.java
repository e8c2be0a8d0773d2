package org.svos.telemetry.loader.ledger;

import java.util.Map;

/**
 * What became of the events of one boot after the kernel captured them, as the spool has it on disk.
 *
 * @param taken read from the ring, the sum of all others
 * @param accepted by the gateway
 * @param rejected by reason
 * @param withheld by what the host's owner has set, by {@link Withheld#reason()}
 * @param spoolEvicted dropped because the spool was full
 * @param uncleanStop captured by a loader that was killed before it had read them
 * @param spooled waiting in the spool
 */
public record Settled(
        long taken,
        long accepted,
        Map<String, Long> rejected,
        Map<String, Long> withheld,
        long spoolEvicted,
        long uncleanStop,
        long spooled) {

    /** Rejected for any reason. */
    public long rejectedInAll() {
        return rejected.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Withheld for any reason. */
    public long withheldInAll() {
        return withheld.values().stream().mapToLong(Long::longValue).sum();
    }
}
