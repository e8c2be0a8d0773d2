package org.svos.telemetry.gateway.ledger;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks now and then that the ledger adds up, and shows what it lacks as a metric. Anything but 0 is a defect. */
public final class Balance {

    private static final Logger log = LoggerFactory.getLogger(Balance.class);

    private final Ledger ledger;
    private final AtomicLong imbalance = new AtomicLong();

    /** The balance of that ledger. */
    public Balance(Ledger ledger, MeterRegistry meters) {
        this.ledger = ledger;
        Gauge.builder("telemetry.ledger.imbalance.events", imbalance, AtomicLong::get)
                .description(
                        "Events that the ledger's equations fail by, as of the last check; anything but 0 is a defect")
                .register(meters);
    }

    /** Checks all databases. */
    public void check() {
        Totals totals = ledger.all();
        long before = imbalance.getAndSet(totals.imbalance());
        if (totals.imbalance() != 0 && totals.imbalance() != before) {
            log.error("The ledger does not add up, by {} events: {}", totals.imbalance(), totals);
        }
    }
}
