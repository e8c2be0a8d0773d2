package org.svos.telemetry.gateway.access;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreException;

/**
 * Writes now and then when tokens were last used: one transaction for all of them, none for a call. Of a shared store it then reads
 * what the others wrote, so that every process knows of a use within a minute, whoever was called.
 */
final class TokenUses implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TokenUses.class);
    private static final long PERIOD_SECONDS = 30;

    /** What is written later than it happened, as far as that may be: a process that could not write for so long. */
    private static final long LATE_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final Tokens tokens;
    private final Store store;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("token-uses").daemon().factory());

    TokenUses(Tokens tokens, Store store) {
        this.tokens = tokens;
        this.store = store;
        var _ = timer.scheduleWithFixedDelay(this::flush, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    private void flush() {
        try {
            tokens.flushUses(store);
            if (store.isShared()) {
                tokens.readUses(store, store.now() - LATE_MILLIS);
            }
        } catch (StoreException e) {
            log.debug("the last uses of tokens stay unwritten for now: {}", e.getMessage());
        } catch (RuntimeException e) {
            log.error("the last uses of tokens cannot be written", e);
        }
    }

    @Override
    public void close() {
        timer.close();
        flush();
    }
}
