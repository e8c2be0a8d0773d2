package org.svos.telemetry.gateway.forward;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Delivery;

/** What is open in one sandbox on one boot of one host, between two of its events. */
record Stream(@Nullable OpenSession session, Delivery.@Nullable Application application) {

    static final Stream CLOSED = new Stream(null, null);

    boolean isClosed() {
        return equals(CLOSED);
    }

    /** A session whose end has not come. */
    record OpenSession(String id, @Nullable String name, Instant start) {}

    /**
     * Which stream.
     *
     * @param host its id; empty for a client that is no host
     * @param boot its id; empty if not given
     */
    record Key(long databaseId, String sandbox, String host, String boot) {}
}
