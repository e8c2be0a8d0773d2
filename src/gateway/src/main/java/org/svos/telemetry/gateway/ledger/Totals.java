package org.svos.telemetry.gateway.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ledger, in events, by the names of the contract.
 *
 * @param rejected by the code of refusal; codes that never occurred are left out
 * @param hostLost by the host's cause; null where it is not told
 * @param imbalance events that the equations {@code received = accepted + duplicate + rejected} and {@code accepted =
 *     waiting + delivered + deadLettered + discarded + expired} fail by; 0 or a defect
 */
public record Totals(
        long received,
        long accepted,
        long duplicate,
        Map<String, Long> rejected,
        long waiting,
        long delivered,
        long deadLettered,
        long discarded,
        long expired,
        long sequenceGaps,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, Long> hostLost,
        long imbalance) {

    /** The same with what hosts lost. */
    public Totals withHostLost(Map<String, Long> lost) {
        return new Totals(
                received,
                accepted,
                duplicate,
                rejected,
                waiting,
                delivered,
                deadLettered,
                discarded,
                expired,
                sequenceGaps,
                lost,
                imbalance);
    }

    static Totals of(Map<Account, Long> sums, Map<String, Long> rejected, long waiting) {
        long received = sums.getOrDefault(Account.RECEIVED, 0L);
        long accepted = sums.getOrDefault(Account.ACCEPTED, 0L);
        long duplicate = sums.getOrDefault(Account.DUPLICATE, 0L);
        long refused = sums.getOrDefault(Account.REJECTED, 0L);
        long delivered = sums.getOrDefault(Account.DELIVERED, 0L);
        long deadLettered = sums.getOrDefault(Account.DEAD_LETTERED, 0L);
        long discarded = sums.getOrDefault(Account.DISCARDED, 0L);
        long expired = sums.getOrDefault(Account.EXPIRED, 0L);
        long in = received - (accepted + duplicate + refused);
        long out = accepted - (waiting + delivered + deadLettered + discarded + expired);
        return new Totals(
                received,
                accepted,
                duplicate,
                rejected,
                waiting,
                delivered,
                deadLettered,
                discarded,
                expired,
                sums.getOrDefault(Account.SEQUENCE_GAP, 0L),
                null,
                Math.abs(in) + Math.abs(out));
    }

    /**
     * The same of several databases.
     *
     * @param imbalances of each, added up, so that one database's does not hide another's
     */
    Totals of(Map<String, Long> lost, long imbalances) {
        return new Totals(
                received,
                accepted,
                duplicate,
                rejected,
                waiting,
                delivered,
                deadLettered,
                discarded,
                expired,
                sequenceGaps,
                lost,
                imbalances);
    }
}
