package org.svos.telemetry.gateway.registry;

import io.swagger.v3.oas.annotations.Operation;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
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
import org.svos.telemetry.gateway.rest.Revision;

/** {@code /api/v1/databases}. */
@RestController
@RequestMapping("/api/v1/databases")
final class DatabaseApi {

    private static final String EXAMPLE = """
            {"name": "mydb", "owner": "lab team", "description": "drivers of the lab", "state": "active",
             "quota": {"bytesPerDay": 10485760, "eventsPerSecond": 1000, "burst": 10000, "mode": "enforce"},
             "retention": null, "revision": 1, "createdAt": "2026-11-22T09:31:00Z", "changedAt": "2026-11-22T09:31:00Z"}""";

    private final Databases databases;
    private final Registry registry;
    private final DatabaseGate gate;

    DatabaseApi(Databases databases, Registry registry, DatabaseGate gate) {
        this.databases = databases;
        this.registry = registry;
        this.gate = gate;
    }

    @Operation(summary = "Register a database (admin)")
    @Described(
            answers = 201,
            example = EXAMPLE,
            takes = NewDatabase.SCHEMA,
            takesExample = NewDatabase.EXAMPLE,
            refuses = ProblemCode.ALREADY_EXISTS)
    @PostMapping
    ResponseEntity<Database> register(Caller caller, Form form) {
        Gate.only(caller, Role.ADMIN);
        NewDatabase wanted = NewDatabase.read(form);
        form.check();
        Database database = databases.register(caller, wanted);
        if (database == null) {
            throw new ProblemException(Problem.of(
                    ProblemCode.ALREADY_EXISTS,
                    "A database of the name \"" + wanted.name() + "\" is registered already."));
        }
        return ResponseEntity.created(URI.create("/api/v1/databases/" + database.name()))
                .eTag(Revision.tag(database.revision()))
                .body(database);
    }

    @Operation(summary = "List the databases that the caller may read")
    @Described(example = "{\"items\": [" + EXAMPLE + "], \"next\": null}")
    @GetMapping
    Page<Database> list(Caller caller, Page.Request page) {
        Gate.only(caller, Role.ADMIN, Role.OWNER, Role.READER);
        String after = page.after() == null ? "" : page.after();
        List<Database> read = switch (caller) {
            case Caller.Admin _ -> databases.list(after, page.readLimit());
            case Caller.Owner owner -> only(registry.database(owner.databaseId()), after);
            case Caller.Reader reader -> only(registry.database(reader.databaseId()), after);
            case Caller.Host _ -> List.of();
        };
        return page.page(read, Database::name);
    }

    private static List<Database> only(@Nullable Database database, String after) {
        return database == null || database.name().compareTo(after) <= 0 ? List.of() : List.of(database);
    }

    @Operation(summary = "Get a database")
    @Described(
            answers = {200, 304},
            example = EXAMPLE)
    @GetMapping("/{name}")
    ResponseEntity<Database> get(Caller caller, @PathVariable String name) {
        return answer(gate.readable(caller, name));
    }

    @Operation(summary = "Change a database (admin; an owner its description)")
    @Described(
            example = EXAMPLE,
            takes = DatabasePatch.SCHEMA,
            takesExample = DatabasePatch.EXAMPLE,
            refuses = {ProblemCode.PRECONDITION_FAILED, ProblemCode.PRECONDITION_REQUIRED})
    @PatchMapping("/{name}")
    ResponseEntity<Database> change(
            Caller caller,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
            Form form) {
        Database database = gate.owned(caller, name);
        DatabasePatch patch = DatabasePatch.read(form);
        form.check();
        if (!patch.isOwners()) {
            if (caller.role() != Role.ADMIN) {
                throw Gate.refusal(
                        "An owner's token may change the description alone; the rest is for an administrator.");
            }
        }
        return switch (databases.change(caller, database.id(), Revision.required(ifMatch), patch)) {
            case Databases.Change.Done(Database changed) -> answer(changed);
            case Databases.Change.LostRace(long revision) -> throw new ProblemException(Revision.lost(revision));
            case Databases.Change.Gone _ -> throw new ProblemException(Problems.notFound("database", name));
        };
    }

    @Operation(summary = "Remove a database (admin); ?discard=true throws away what waits")
    @Described(
            answers = 204,
            query =
                    @Described.Query(
                            name = "discard",
                            description = "Whether to throw away what waits for delivery",
                            schema = "{\"type\": \"boolean\", \"default\": false}"),
            refuses = ProblemCode.EVENTS_WAITING)
    @DeleteMapping("/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(Caller caller, @PathVariable String name, @RequestParam Map<String, String> parameters) {
        Database database = gate.administered(caller, name);
        boolean discard = discard(Form.of(parameters));
        switch (databases.remove(caller, database.id(), discard)) {
            case Databases.Removal.Done _ -> {}
            case Databases.Removal.EventsWaiting(long events) ->
                throw new ProblemException(Problem.of(
                                ProblemCode.EVENTS_WAITING,
                                events + " events of \"" + name
                                        + "\" wait for delivery. Let them go first, or throw them away with ?discard=true.")
                        .with("waiting", events));
            case Databases.Removal.Gone _ -> throw new ProblemException(Problems.notFound("database", name));
        }
    }

    private static ResponseEntity<Database> answer(Database database) {
        return ResponseEntity.ok().eTag(Revision.tag(database.revision())).body(database);
    }

    private static boolean discard(Form form) {
        Discard said = form.choice("discard", Discard.class, word -> word.name().toLowerCase(Locale.ROOT));
        form.check();
        return said == Discard.TRUE;
    }

    /** The words of {@code ?discard=}: nothing else may be taken for the wish to throw events away. */
    private enum Discard {
        TRUE,
        FALSE
    }
}
