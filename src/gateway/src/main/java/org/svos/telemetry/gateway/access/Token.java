package org.svos.telemetry.gateway.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A token as it was made, without its secret.
 *
 * @param caller who calls with it: its name, role and scope
 * @param expiresAt from when on it is invalid; null is never
 * @param lastUsedAt to about a second; null if it never was
 */
public record Token(
        long id,
        Caller caller,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt) {}
