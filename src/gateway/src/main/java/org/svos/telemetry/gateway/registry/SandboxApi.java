package org.svos.telemetry.gateway.registry;

import io.swagger.v3.oas.annotations.Operation;
import java.net.URI;
import java.util.Locale;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Gate;
import org.svos.telemetry.gateway.access.Role;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.problem.ProblemException;
import org.svos.telemetry.gateway.problem.Problems;
import org.svos.telemetry.gateway.rest.Described;
import org.svos.telemetry.gateway.rest.Form;
import org.svos.telemetry.gateway.rest.Page;

/** {@code /api/v1/databases/{name}/sandboxes} and {@code /api/v1/sandboxes/{id}}. */
@RestController
final class SandboxApi {

    private static final String NEW_EXAMPLE = """
            {"id": "00000000-1111-2222-3333-444444444444"}""";

    private static final String NEW_SCHEMA = """
            {"type": "object", "additionalProperties": false, "properties": {
               "id": {"type": "string", "description": "as given by Lantern Rock; left out, one is made",
                 "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"}}}""";

    private static final String PATCH_EXAMPLE = """
            {"state": "suspended"}""";

    private static final String PATCH_SCHEMA = """
            {"type": "object", "required": ["state"], "additionalProperties": false, "properties": {
               "state": {"enum": ["active", "suspended"]}}}""";

    private static final String EXAMPLE = """
            {"id": "00000000-1111-2222-3333-444444444444", "database": "mydb", "state": "active",
             "createdAt": "2026-11-22T09:31:00Z", "changedAt": "2026-11-22T09:31:00Z"}""";

    private final Sandboxes sandboxes;
    private final Registry registry;
    private final DatabaseGate gate;

    SandboxApi(Sandboxes sandboxes, Registry registry, DatabaseGate gate) {
        this.sandboxes = sandboxes;
        this.registry = registry;
        this.gate = gate;
    }

    @Operation(summary = "Register a sandbox, or have one made")
    @Described(
            answers = {201, 200},
            example = EXAMPLE,
            takes = NEW_SCHEMA,
            takesExample = NEW_EXAMPLE,
            refuses = ProblemCode.BELONGS_ELSEWHERE)
    @PostMapping("/api/v1/databases/{name}/sandboxes")
    ResponseEntity<ShownSandbox> register(Caller caller, @PathVariable String name, Form form) {
        Database database = gate.owned(caller, name);
        SandboxId id = wanted(form);
        return switch (sandboxes.register(caller, database.id(), id)) {
            case Sandboxes.Registering.Registered(Sandbox sandbox) ->
                ResponseEntity.created(URI.create("/api/v1/sandboxes/" + sandbox.id()))
                        .body(ShownSandbox.of(sandbox, database));
            case Sandboxes.Registering.AlreadyThere(Sandbox sandbox) ->
                ResponseEntity.ok(ShownSandbox.of(sandbox, database));
            case Sandboxes.Registering.Elsewhere(long databaseId) ->
                throw new ProblemException(
                        Problem.of(ProblemCode.BELONGS_ELSEWHERE, "The sandbox " + id + elsewhere(caller, databaseId)));
            case Sandboxes.Registering.DatabaseGone _ ->
                throw new ProblemException(Problems.notFound("database", name));
        };
    }

    @Operation(summary = "List the sandboxes of a database")
    @Described(example = "{\"items\": [" + EXAMPLE + "], \"next\": null}")
    @GetMapping("/api/v1/databases/{name}/sandboxes")
    Page<ShownSandbox> list(Caller caller, @PathVariable String name, Page.Request page) {
        Database database = gate.readable(caller, name);
        String after = page.after() == null ? "" : page.after();
        return page.page(
                sandboxes.list(database.id(), after, page.readLimit()).stream()
                        .map(sandbox -> ShownSandbox.of(sandbox, database))
                        .toList(),
                ShownSandbox::id);
    }

    @Operation(summary = "Get a sandbox")
    @Described(example = EXAMPLE, refuses = ProblemCode.INVALID_SANDBOX_ID)
    @GetMapping("/api/v1/sandboxes/{id}")
    ShownSandbox get(Caller caller, @PathVariable String id) {
        Registration registration = readable(caller, id);
        return ShownSandbox.of(registration.sandbox(), registration.database());
    }

    @Operation(summary = "Suspend a sandbox, or take it up again")
    @Described(
            example = EXAMPLE,
            takes = PATCH_SCHEMA,
            takesExample = PATCH_EXAMPLE,
            refuses = ProblemCode.INVALID_SANDBOX_ID)
    @PatchMapping("/api/v1/sandboxes/{id}")
    ShownSandbox change(Caller caller, @PathVariable String id, Form form) {
        Registration registration = owned(caller, id);
        Database.State state =
                form.choice("state", Database.State.class, word -> word.name().toLowerCase(Locale.ROOT));
        form.missing("state");
        form.check();
        Sandbox changed = sandboxes.change(
                caller,
                registration.sandbox(),
                state == null ? registration.sandbox().state() : state);
        if (changed == null) {
            throw new ProblemException(Problems.notFound("sandbox", id));
        }
        return ShownSandbox.of(changed, registration.database());
    }

    @Operation(summary = "Remove a sandbox")
    @Described(
            answers = 204,
            refuses = {ProblemCode.INVALID_SANDBOX_ID, ProblemCode.EVENTS_WAITING})
    @DeleteMapping("/api/v1/sandboxes/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(Caller caller, @PathVariable String id) {
        Registration registration = owned(caller, id);
        switch (sandboxes.remove(caller, registration.sandbox())) {
            case Sandboxes.Removal.Done _ -> {}
            case Sandboxes.Removal.EventsWaiting _ ->
                throw new ProblemException(Problem.of(
                        ProblemCode.EVENTS_WAITING,
                        "Events of the sandbox " + id
                                + " wait for delivery. Suspend it, and remove it when they are gone."));
            case Sandboxes.Removal.Gone _ -> throw new ProblemException(Problems.notFound("sandbox", id));
        }
    }

    /** The ID of the form, or a new one if it has none. */
    private static SandboxId wanted(Form form) {
        String text = form.text("id", Integer.MAX_VALUE);
        if (form.hasNull("id")) {
            form.fault("id", "must not be null; leave it out to have one made");
        }
        SandboxId id = text == null ? new SandboxId(UUID.randomUUID().toString()) : SandboxId.parse(text);
        if (id == null) {
            form.fault("id", "must be 32 hexadecimal digits as 8-4-4-4-12");
        }
        form.check();
        if (id == null) {
            throw new IllegalStateException("a fault that was not told");
        }
        return id;
    }

    private String elsewhere(Caller caller, long databaseId) {
        Database other = registry.database(databaseId);
        return other != null && caller.mayRead(databaseId)
                ? " is registered to the database \"" + other.name() + "\". Remove it there first."
                : " is registered to another database. Its owner can remove it there.";
    }

    private Registration readable(Caller caller, String text) {
        Gate.only(caller, Role.ADMIN, Role.OWNER, Role.READER);
        SandboxId id = SandboxId.parse(text);
        if (id == null) {
            throw new ProblemException(Problem.of(
                    ProblemCode.INVALID_SANDBOX_ID,
                    "\"" + Problems.shown(text) + "\" is not 32 hexadecimal digits as 8-4-4-4-12."));
        }
        Registration registration = registry.sandbox(id);
        if (registration == null || !caller.mayRead(registration.database().id())) {
            throw new ProblemException(Problems.notFound("sandbox", id.value()));
        }
        return registration;
    }

    private Registration owned(Caller caller, String text) {
        Registration registration = readable(caller, text);
        if (!caller.mayOwn(registration.database().id())) {
            throw Gate.refusal(
                    "A token of role " + caller.role().wireName() + " may read this sandbox, not change it.");
        }
        return registration;
    }
}
