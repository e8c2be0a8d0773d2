package org.svos.telemetry.gateway.token;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Caller.Scope;
import org.svos.telemetry.gateway.access.Role;
import org.svos.telemetry.gateway.access.Token;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.Registry;

/**
 * A token as the REST API shows it. Of {@code database}, {@code databases} and {@code sandboxes} it has the one that it was
 * made with, if any; {@code secret} this once, in the answer that makes it.
 */
record ShownToken(
        String id,
        Role role,
        String name,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String database,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> databases,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> sandboxes,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String secret) {

    static ShownToken of(Token token, @Nullable String secret, Registry registry) {
        String database = null;
        List<String> databases = null;
        List<String> sandboxes = null;
        switch (token.caller()) {
            case Caller.Admin _ -> {}
            case Caller.Owner owner -> database = name(registry, owner.databaseId());
            case Caller.Reader reader -> database = name(registry, reader.databaseId());
            case Caller.Host host -> {
                switch (host.scope()) {
                    case Scope.Everything _ -> databases = List.of("*");
                    case Scope.Databases scope ->
                        databases = scope.ids().stream()
                                .map(id -> name(registry, id))
                                .filter(Objects::nonNull)
                                .sorted()
                                .toList();
                    case Scope.Sandboxes scope ->
                        sandboxes = scope.keys().stream()
                                .map(registry::sandboxOf)
                                .filter(Objects::nonNull)
                                .map(id -> id.value())
                                .sorted()
                                .toList();
                }
            }
        }
        return new ShownToken(
                Long.toString(token.id()),
                token.caller().role(),
                token.caller().name(),
                database,
                databases,
                sandboxes,
                token.createdAt(),
                token.expiresAt(),
                token.lastUsedAt(),
                secret);
    }

    private static @Nullable String name(Registry registry, long databaseId) {
        Database database = registry.database(databaseId);
        return database == null ? null : database.name();
    }

    /** Without the secret, should it ever come to be logged. */
    @Override
    public String toString() {
        return "token " + id + " (" + name + ")";
    }
}
