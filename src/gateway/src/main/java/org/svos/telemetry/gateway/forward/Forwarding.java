package org.svos.telemetry.gateway.forward;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.deadletter.DeadLetters;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.tracing.Tracing;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * What all lanes share.
 *
 * @param databases by key; null for one that is no longer registered
 * @param leftInPeace what a delivery for the database of that name would come to without Lantern Rock being asked; null: it would be
 * @param probe how long a parked lane waits before it tries again
 * @param step for how long a lane's step begins deliveries; then it waits for those under way only. With a slow Lantern Rock, too,
 *     a stop and the ledger do not wait longer
 * @param tenure which lanes are delivered for here
 */
record Forwarding(
        LongFunction<@Nullable Database> databases,
        Store store,
        Spool spool,
        Ledger ledger,
        Streams streams,
        DeadLetters deadLetters,
        Shaper shaper,
        LanternRock lanternRock,
        Function<String, Receipt.@Nullable Retry> leftInPeace,
        Tracing tracing,
        Capacity capacity,
        Backoff backoff,
        Duration probe,
        Duration step,
        Tenure tenure,
        InstantSource clock) {

    /**
     * Hands something over, as a part of its batch's trace.
     *
     * @param batch that the delivery is of; null for a dead letter, whose trace has ended
     */
    Receipt deliver(@Nullable SpooledBatch batch, Delivery delivery) throws InterruptedException {
        try (Tracing.Part part = tracing.delivering(batch == null ? null : batch.traceparent())) {
            Receipt receipt = lanternRock.deliver(delivery);
            if (batch != null && part.isRecorded()) {
                part.with("telemetry.sandbox", batch.sandbox().value())
                        .with("telemetry.database", delivery.database())
                        .with("telemetry.batch", batch.key())
                        .with(
                                "telemetry.events",
                                Integer.toString(delivery.records().size()))
                        .with("telemetry.outcome", receipt.outcome());
            }
            return receipt;
        }
    }

    /** Whether a batch has waited longer than its database has it wait. */
    boolean isExpired(Database database, SpooledBatch batch) {
        return database.retention() != null
                && batch.admittedAt().plus(database.retention()).isBefore(clock.instant());
    }
}
