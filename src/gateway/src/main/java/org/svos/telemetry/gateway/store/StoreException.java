package org.svos.telemetry.gateway.store;

import org.jspecify.annotations.Nullable;

/** The store could not do what was asked, by no fault of the asker; nothing of the transaction was kept. */
public abstract sealed class StoreException extends RuntimeException
        permits StoreFullException, StoreUnavailableException {

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
