package org.svos.telemetry.gateway.access;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.access.Authentication.Authenticated;

/** A token in force, and when it was last used. Times are epoch milliseconds. */
final class LiveToken {

    /** Uses nearer together than this are one: a hot token does not bounce a cache line between cores. */
    private static final long USE_GRAIN_MILLIS = 1_000;

    private static final long NEVER = 0;

    private final long id;
    private final TokenHash hash;
    private final Authenticated authenticated;
    private final long createdAt;
    private final @Nullable Long expiresAt;
    private final AtomicLong lastUsedAt;
    private long writtenUse; // what the store has; the flusher's alone

    LiveToken(
            long id,
            TokenHash hash,
            Caller caller,
            long createdAt,
            @Nullable Long expiresAt,
            @Nullable Long lastUsedAt) {
        this.id = id;
        this.hash = hash;
        this.authenticated = new Authenticated(caller);
        this.createdAt = createdAt;
        this.expiresAt = expiresAt;
        this.lastUsedAt = new AtomicLong(lastUsedAt == null ? NEVER : lastUsedAt);
        this.writtenUse = this.lastUsedAt.get();
    }

    /** The same token for a caller with less scope. */
    LiveToken narrowedTo(Caller caller) {
        return new LiveToken(id, hash, caller, createdAt, expiresAt, lastUsedAt.get());
    }

    long id() {
        return id;
    }

    TokenHash hash() {
        return hash;
    }

    Caller caller() {
        return authenticated.caller();
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

    /** It is the same token, read again: what was known of its use stays known. */
    void usedLike(LiveToken before) {
        lastUsedAt.accumulateAndGet(before.lastUsedAt.get(), Math::max);
    }

    /** The last use, if the store does not know of it yet, else null. */
    @Nullable
    Long unwrittenUse() {
        long use = lastUsedAt.getOpaque();
        return use == writtenUse ? null : use;
    }

    /** The store knows of that use: another process's, or this one's own. */
    void usedAsWritten(long use) {
        if (use > writtenUse) {
            writtenUse = use;
            lastUsedAt.accumulateAndGet(use, Math::max);
        }
    }

    void useWritten(long use) {
        writtenUse = use;
    }

    Token token() {
        long use = lastUsedAt.getOpaque();
        return new Token(
                id,
                caller(),
                Instant.ofEpochMilli(createdAt),
                expiresAt == null ? null : Instant.ofEpochMilli(expiresAt),
                use == NEVER ? null : Instant.ofEpochMilli(use));
    }
}
