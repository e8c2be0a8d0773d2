package org.svos.telemetry.gateway.admission;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.ledger.Balance;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreException;

/**
 * Keeps the store small and its gauges true: removes what lanes have passed, forgets expired keys and hosts long gone, gives
 * unused pages back to the file system, checks the ledger. All in small steps with a rest after each, so that batches hardly
 * notice.
 */
public final class Upkeep implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

    private static final long ROUND_MILLIS = 1_000;
    private static final long REST_MILLIS = 5;
    private static final int ROWS = 500;
    private static final int PAGES = 500;
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** A look at all there is comes so many times as seldom as it takes long: half a percent of a core. */
    private static final long REST_SHARE = 200;
    /** What others have appended and passed is looked up, in a shared store. */
    private static final long GAUGES_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Store store;
    private final Spool spool;
    private final Admission admission;
    private final Forgetting forgetting;
    private final Balance balance;
    private final Thread thread;
    private volatile boolean closing;
    private long checkAt = System.nanoTime();
    private long gaugesAt = System.nanoTime();

    /** The upkeep of that store; it begins at once. */
    Upkeep(Store store, Spool spool, Admission admission, Forgetting forgetting, Balance balance) {
        this.store = store;
        this.spool = spool;
        this.admission = admission;
        this.forgetting = forgetting;
        this.balance = balance;
        thread = Thread.ofPlatform().daemon().name("upkeep").start(this::run);
    }

    private void run() {
        while (!closing) {
            try {
                round();
            } catch (StoreException e) {
                if (!closing) {
                    log.warn("Upkeep waits for the store: {}", e.getMessage());
                }
            } catch (RuntimeException | Error e) {
                log.error("A defect in the upkeep of the store", e);
            }
            rest(ROUND_MILLIS);
        }
    }

    private void round() {
        while (!closing && spool.sweep(ROWS)) {
            rest(REST_MILLIS);
        }
        while (!closing && admission.forgetExpiredKeys(ROWS)) {
            rest(REST_MILLIS);
        }
        while (!closing && forgetting.forget(ROWS)) {
            rest(REST_MILLIS);
        }
        while (!closing && store.shrink(PAGES)) {
            rest(REST_MILLIS);
        }
        spool.freeBodies();
        if (!store.isShared() || System.nanoTime() - gaugesAt >= 0) {
            long began = System.nanoTime();
            spool.refreshGauges();
            gaugesAt = next(began, GAUGES_NANOS);
        }
        if (System.nanoTime() - checkAt >= 0) {
            long began = System.nanoTime();
            balance.check();
            checkAt = next(began, CHECK_NANOS);
        }
    }

    /** When to look again at what was looked at just now. */
    private static long next(long began, long leastNanos) {
        return began + Math.max(leastNanos, REST_SHARE * (System.nanoTime() - began));
    }

    private void rest(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            // Only close() interrupts.
            closing = true;
        }
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
