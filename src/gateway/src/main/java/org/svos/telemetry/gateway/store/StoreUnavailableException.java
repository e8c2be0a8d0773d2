package org.svos.telemetry.gateway.store;

import org.jspecify.annotations.Nullable;

/** The store does not answer, or not in time. It may work again by itself. */
public final class StoreUnavailableException extends StoreException {

    StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
