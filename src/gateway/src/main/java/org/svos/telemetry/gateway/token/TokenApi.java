package org.svos.telemetry.gateway.token;

import io.swagger.v3.oas.annotations.Operation;
import java.net.URI;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Caller.Scope;
import org.svos.telemetry.gateway.access.Gate;
import org.svos.telemetry.gateway.access.Role;
import org.svos.telemetry.gateway.access.Token;
import org.svos.telemetry.gateway.access.Tokens;
import org.svos.telemetry.gateway.audit.Audit;
import org.svos.telemetry.gateway.problem.ProblemException;
import org.svos.telemetry.gateway.problem.Problems;
import org.svos.telemetry.gateway.registry.Registration;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.rest.Described;
import org.svos.telemetry.gateway.rest.Form;
import org.svos.telemetry.gateway.rest.Page;
import org.svos.telemetry.gateway.store.Store;

/** {@code /api/v1/tokens}. */
@RestController
@RequestMapping("/api/v1/tokens")
final class TokenApi {

    private static final String TOKEN = """
            "id": "7", "role": "host", "name": "lab hosts", "databases": ["mydb"], "createdAt": "2026-11-22T09:31:00Z",
            "expiresAt": "2027-12-31T00:00:00Z", "lastUsedAt": null""";

    private final Store store;
    private final Tokens tokens;
    private final Registry registry;

    TokenApi(Store store, Tokens tokens, Registry registry) {
        this.store = store;
        this.tokens = tokens;
        this.registry = registry;
    }

    @Operation(summary = "Make a token; its secret is shown this once")
    @Described(
            answers = 201,
            example = "{" + TOKEN + ", \"secret\": \"kt_…\"}",
            takes = NewToken.SCHEMA,
            takesExample = NewToken.EXAMPLE)
    @PostMapping
    ResponseEntity<ShownToken> make(Caller caller, Form form) {
        Gate.only(caller, Role.ADMIN, Role.OWNER);
        NewToken wanted = NewToken.read(form, caller, registry, Instant.ofEpochMilli(store.now()));
        Tokens.Made made = store.<Tokens.@Nullable Made>write(tx -> {
            if (!registry.stillHas(tx, wanted.bearer())) {
                return null;
            }
            Tokens.Made fresh = tokens.make(tx, wanted.bearer(), wanted.expiresAt());
            Audit.add(
                    tx,
                    caller,
                    "token.make",
                    target(fresh.token()),
                    "role " + wanted.bearer().role().wireName());
            return fresh;
        });
        if (made == null) {
            throw new ProblemException(Form.invalid("", "names what was removed just now"));
        }
        ShownToken shown = ShownToken.of(made.token(), made.secret(), registry);
        return ResponseEntity.created(URI.create("/api/v1/tokens/" + shown.id()))
                .body(shown);
    }

    @Operation(summary = "List tokens, without their secrets")
    @Described(example = "{\"items\": [{" + TOKEN + "}], \"next\": null}")
    @GetMapping
    Page<ShownToken> list(Caller caller, Page.Request page) {
        Gate.only(caller, Role.ADMIN, Role.OWNER);
        return page.page(
                tokens.list(after(page), page.readLimit(), bearer -> isVisible(caller, bearer)).stream()
                        .map(token -> ShownToken.of(token, null, registry))
                        .toList(),
                ShownToken::id);
    }

    @Operation(summary = "Revoke a token")
    @Described(answers = 204)
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(Caller caller, @PathVariable String id) {
        Gate.only(caller, Role.ADMIN, Role.OWNER);
        Token token = find(id);
        if (token == null || !isVisible(caller, token.caller())) {
            throw new ProblemException(Problems.notFound("token", id));
        }
        if (caller.role() != Role.ADMIN && token.caller().role() == Role.OWNER) {
            throw Gate.refusal("An owner's token may revoke tokens of role host and reader; an administrator's any.");
        }
        store.write(tx -> {
            tokens.revoke(tx, token.id());
            Audit.add(tx, caller, "token.revoke", target(token), "");
            return null;
        });
    }

    /** Whether a token is the caller's to see: all are an administrator's; an owner's are those for his database alone. */
    private boolean isVisible(Caller caller, Caller bearer) {
        if (caller.role() == Role.ADMIN) {
            return true;
        }
        return switch (bearer) {
            case Caller.Admin _ -> false;
            case Caller.Owner owner -> caller.mayOwn(owner.databaseId());
            case Caller.Reader reader -> caller.mayOwn(reader.databaseId());
            case Caller.Host host ->
                switch (host.scope()) {
                    case Scope.Everything _ -> false;
                    case Scope.Databases scope -> scope.ids().stream().allMatch(caller::mayOwn);
                    case Scope.Sandboxes scope ->
                        scope.keys().stream()
                                .map(registry::sandboxOf)
                                .filter(Objects::nonNull)
                                .map(registry::sandbox)
                                .allMatch(registration -> isOwned(caller, registration));
                };
        };
    }

    private static boolean isOwned(Caller caller, @Nullable Registration registration) {
        return registration != null && caller.mayOwn(registration.database().id());
    }

    private @Nullable Token find(String id) {
        try {
            return tokens.find(Long.parseLong(id));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static long after(Page.Request page) {
        try {
            return page.after() == null ? 0 : Long.parseLong(page.after());
        } catch (NumberFormatException e) {
            throw new ProblemException(Form.invalid("/after", "must be a cursor of this list"));
        }
    }

    private static String target(Token token) {
        return token.id() + " (" + token.caller().name() + ")";
    }
}
