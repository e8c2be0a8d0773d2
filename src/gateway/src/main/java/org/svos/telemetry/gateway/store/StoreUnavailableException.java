package org.svos.telemetry.gateway.store;

import org.jspecify.annotations.Nullable;

/** The store does not answer, or not in time. It may work again by itself. */
public final class StoreUnavailableException extends StoreException {

    /**
     * For what is kept beside the store, and is as needful.
     *
     * @param message what does not answer, and what it was asked for
     */
    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
