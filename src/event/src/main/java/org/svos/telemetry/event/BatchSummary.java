package org.svos.telemetry.event;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over a batch's body found.
 *
 * @param valid how many events are valid; at least one
 * @param firstSeq the lowest {@code seq} of any event that has a readable one
 * @param lastSeq the highest
 * @param sequenced how many events had a readable {@code seq}, rejected ones included
 * @param rejected in the order of their indexes
 * @param limits of payloads that it was read by
 */
public record BatchSummary(
        @Nullable Host host,
        @Nullable Application application,
        @Nullable HostLoss lost,
        int valid,
        long firstSeq,
        long lastSeq,
        int sequenced,
        List<Rejection> rejected,
        PayloadLimits limits) {

    /** Events of the batch, valid or not. */
    public int events() {
        return valid + rejected.size();
    }
}
