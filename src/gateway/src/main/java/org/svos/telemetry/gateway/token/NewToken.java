package org.svos.telemetry.gateway.token;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Caller.Scope;
import org.svos.telemetry.gateway.access.Gate;
import org.svos.telemetry.gateway.access.Role;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.Registration;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.rest.Form;

/**
 * What {@code POST /api/v1/tokens} asks for: somebody who may call, and until when.
 *
 * @param bearer with names resolved to what is registered now
 */
record NewToken(Caller bearer, @Nullable Instant expiresAt) {

    static final String SCHEMA = """
            {"type": "object", "required": ["role", "name"], "additionalProperties": false, "properties": {
               "role": {"enum": ["admin", "owner", "reader", "host"]},
               "name": {"type": "string", "minLength": 1, "maxLength": 128},
               "expiresAt": {"type": ["string", "null"], "format": "date-time"},
               "database": {"type": ["string", "null"], "description": "of an owner or reader"},
               "databases": {"type": ["array", "null"], "items": {"type": "string"}, "minItems": 1, "maxItems": 1000,
                 "description": "of a host; an asterisk alone is all of them"},
               "sandboxes": {"type": ["array", "null"], "items": {"type": "string"}, "minItems": 1, "maxItems": 1000,
                 "description": "of a host, instead of databases"}}}""";

    static final String EXAMPLE = """
            {"role": "host", "name": "lab hosts", "databases": ["mydb"], "expiresAt": "2027-12-31T00:00:00Z"}""";

    private static final int MAX_NAME_CHARS = 128;
    private static final int MAX_SCOPE = 1_000;

    /**
     * Reads it for a maker who is an administrator or an owner. An owner who names any database but his own is told the same
     * whether that one exists or not.
     *
     * @throws org.svos.telemetry.gateway.problem.ProblemException with every fault, or if the maker may not
     */
    static NewToken read(Form form, Caller maker, Registry registry, Instant now) {
        Role role = form.choice("role", Role.class, Role::wireName);
        form.missing("role");
        String name = form.requiredText("name", MAX_NAME_CHARS);
        Instant expiresAt = form.instant("expiresAt");
        if (expiresAt != null && !expiresAt.isAfter(now)) {
            form.fault("expiresAt", "must be in the future");
        }
        if (maker.role() != Role.ADMIN && (role == Role.ADMIN || role == Role.OWNER)) {
            throw Gate.refusal(
                    "An owner's token may make tokens of role host and reader; an administrator's makes any.");
        }
        String database = form.text("database", Integer.MAX_VALUE);
        List<String> databases = form.texts("databases");
        List<String> sandboxes = form.texts("sandboxes");
        Caller bearer = switch (role) {
            case ADMIN -> {
                unwanted(form, role, "database", "databases", "sandboxes");
                yield new Caller.Admin(name);
            }
            case OWNER -> {
                unwanted(form, role, "databases", "sandboxes");
                yield new Caller.Owner(name, database(form, maker, registry, database));
            }
            case READER -> {
                unwanted(form, role, "databases", "sandboxes");
                yield new Caller.Reader(name, database(form, maker, registry, database));
            }
            case HOST -> {
                unwanted(form, role, "database");
                yield new Caller.Host(name, scope(form, maker, registry, databases, sandboxes));
            }
            case null -> maker; // a fault already
        };
        form.check();
        return new NewToken(bearer, expiresAt);
    }

    private static void unwanted(Form form, Role role, String... keys) {
        for (String key : keys) {
            if (form.has(key)) {
                String instead = switch (role) {
                    case ADMIN -> "it is for everything";
                    case OWNER, READER -> "name one in \"database\"";
                    case HOST -> "list them in \"databases\"";
                };
                form.fault(key, "is not for a token of role " + role.wireName() + ": " + instead);
            }
        }
    }

    private static long database(Form form, Caller maker, Registry registry, @Nullable String name) {
        if (name == null) {
            form.missing("database");
            return 0;
        }
        Database database = registered(maker, registry, name);
        if (database == null) {
            form.fault("database", "is not registered: " + name);
            return 0;
        }
        return database.id();
    }

    private static Scope scope(
            Form form,
            Caller maker,
            Registry registry,
            @Nullable List<String> databases,
            @Nullable List<String> sandboxes) {
        if (databases != null && sandboxes != null) {
            form.fault("sandboxes", "must not be given together with databases");
        }
        if (databases != null) {
            checkSize(form, "databases", databases);
            return databases.equals(List.of("*"))
                    ? everything(maker)
                    : new Scope.Databases(databaseIds(form, maker, registry, databases));
        }
        if (sandboxes != null) {
            checkSize(form, "sandboxes", sandboxes);
            return new Scope.Sandboxes(sandboxKeys(form, maker, registry, sandboxes));
        }
        if (!form.has("sandboxes")) {
            form.missing("databases");
        } else {
            form.missing("sandboxes");
        }
        return new Scope.Everything();
    }

    private static void checkSize(Form form, String key, List<String> names) {
        if (names.isEmpty() || names.size() > MAX_SCOPE) {
            form.fault(key, "must list 1 to " + MAX_SCOPE);
        }
    }

    private static Scope everything(Caller maker) {
        if (maker.role() != Role.ADMIN) {
            throw Gate.refusal("An owner's token may make tokens for its own database only, not for all.");
        }
        return new Scope.Everything();
    }

    private static Set<Long> databaseIds(Form form, Caller maker, Registry registry, List<String> names) {
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            Database database = registered(maker, registry, names.get(i));
            if (database == null) {
                form.fault("databases", i, "is not registered: " + names.get(i));
            } else {
                ids.add(database.id());
            }
        }
        return Set.copyOf(ids);
    }

    private static Set<Long> sandboxKeys(Form form, Caller maker, Registry registry, List<String> texts) {
        Set<Long> keys = new HashSet<>();
        for (int i = 0; i < texts.size(); i++) {
            SandboxId id = SandboxId.parse(texts.get(i));
            Registration registration = id == null ? null : registry.sandbox(id);
            if (id == null) {
                form.fault("sandboxes", i, "must be 32 hexadecimal digits as 8-4-4-4-12");
            } else if (registration == null
                    || !maker.mayOwn(registration.database().id())) {
                form.fault("sandboxes", i, "is not registered: " + id);
            } else {
                keys.add(registration.sandbox().key());
            }
        }
        return Set.copyOf(keys);
    }

    private static @Nullable Database registered(Caller maker, Registry registry, String name) {
        Database database = registry.database(name);
        if (maker.role() != Role.ADMIN && (database == null || !maker.mayOwn(database.id()))) {
            throw Gate.refusal("An owner's token may make tokens for its own database only, not for \"" + name + "\".");
        }
        return database;
    }
}
