package org.svos.telemetry.gateway.access;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.access.Authentication.Authenticated;

/** A token in force, and when it was last used. Times are epoch milliseconds. */
final class LiveToken {

    /** Uses nearer together than this are one: a hot token does not bounce a cache line between cores. */
    private static final long USE_GRAIN_MILLIS = 1_000;

    private final long id;
    private final TokenHash hash;
    private final Authenticated authenticated;
    private final @Nullable Long expiresAt;
    private final AtomicLong lastUsedAt;

    LiveToken(long id, TokenHash hash, Caller caller, @Nullable Long expiresAt, long lastUsedAt) {
        this.id = id;
        this.hash = hash;
        this.authenticated = new Authenticated(caller);
        this.expiresAt = expiresAt;
        this.lastUsedAt = new AtomicLong(lastUsedAt);
    }

    long id() {
        return id;
    }

    TokenHash hash() {
        return hash;
    }

    Authenticated authenticated() {
        return authenticated;
    }

    boolean expiredAt(long now) {
        return expiresAt != null && expiresAt <= now;
    }

    void usedAt(long now) {
        if (now - lastUsedAt.getPlain() >= USE_GRAIN_MILLIS) {
            lastUsedAt.setOpaque(now);
        }
    }

    long lastUsedAt() {
        return lastUsedAt.getOpaque();
    }
}
