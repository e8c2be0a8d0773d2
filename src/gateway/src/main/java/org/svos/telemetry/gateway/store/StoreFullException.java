package org.svos.telemetry.gateway.store;

import org.jspecify.annotations.Nullable;

/** The disk has no room for it. It may work again once there is room, with no restart. */
public final class StoreFullException extends StoreException {

    StoreFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
