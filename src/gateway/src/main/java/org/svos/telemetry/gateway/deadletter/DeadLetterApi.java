package org.svos.telemetry.gateway.deadletter;

import io.swagger.v3.oas.annotations.Operation;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.problem.ProblemException;
import org.svos.telemetry.gateway.problem.Problems;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.DatabaseGate;
import org.svos.telemetry.gateway.rest.Described;
import org.svos.telemetry.gateway.rest.Form;
import org.svos.telemetry.gateway.rest.Page;

/** {@code /api/v1/databases/{name}/dead-letters}. */
@RestController
@RequestMapping("/api/v1/databases/{name}/dead-letters")
final class DeadLetterApi {

    private static final String LETTER = """
            "id": "3", "sandbox": "00000000-1111-2222-3333-444444444444", "events": 1, "reason": "refused", "status": 422,
            "answer": "no such segment", "kind": "message", "name": "loaded", "seq": 12, "idempotencyKey": "…/k1/1763804000000",
            "admittedAt": "2026-11-22T09:31:00Z", "diedAt": "2026-11-22T09:31:01Z", "replayAskedAt": null""";

    private static final String ASKED = "{\"letters\": 1, \"events\": 1}";

    private final Letters letters;
    private final DatabaseGate gate;

    DeadLetterApi(Letters letters, DatabaseGate gate) {
        this.letters = letters;
        this.gate = gate;
    }

    @Operation(
            summary = "List the dead letters of a database",
            description = "Events that Lantern Rock refused, each with its answer; the oldest first.")
    @Described(example = "{\"items\": [{" + LETTER + "}], \"next\": null}")
    @GetMapping
    Page<DeadLetter> list(Caller caller, @PathVariable String name, Page.Request page) {
        Database database = gate.readable(caller, name);
        return page.page(letters.list(database, after(page), page.readLimit()), DeadLetter::id);
    }

    private static long after(Page.Request page) {
        try {
            return page.after() == null ? 0 : Long.parseLong(page.after());
        } catch (NumberFormatException e) {
            throw new ProblemException(Form.invalid("/after", "must be a cursor of this list"));
        }
    }

    @Operation(summary = "Look at a dead letter, with what was refused")
    @Described(example = "{" + LETTER + ", \"delivery\": {\"records\": []}}")
    @GetMapping("/{id}")
    DeadLetter get(Caller caller, @PathVariable String name, @PathVariable String id) {
        Database database = gate.readable(caller, name);
        DeadLetter letter = letters.find(database, number(id));
        if (letter == null) {
            throw new ProblemException(Problems.notFound("dead letter", id));
        }
        return letter;
    }

    @Operation(
            summary = "Have a dead letter delivered again",
            description = "Costs no quota. It stays a dead letter until Lantern Rock has it.")
    @Described(answers = 202, example = ASKED)
    @PostMapping("/{id}/replay")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Letters.Asked replay(Caller caller, @PathVariable String name, @PathVariable String id) {
        int events = letters.replay(caller, gate.owned(caller, name), number(id));
        if (events == 0) {
            throw new ProblemException(Problems.notFound("dead letter", id));
        }
        return new Letters.Asked(1, events);
    }

    @Operation(summary = "Have all dead letters of a database delivered again")
    @Described(answers = 202, example = ASKED)
    @PostMapping("/replay")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Letters.Asked replayAll(Caller caller, @PathVariable String name) {
        return letters.replayAll(caller, gate.owned(caller, name));
    }

    @Operation(summary = "Throw a dead letter away", description = "Its events are counted as discarded.")
    @Described(answers = 204)
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void discard(Caller caller, @PathVariable String name, @PathVariable String id) {
        if (!letters.discard(caller, gate.owned(caller, name), number(id))) {
            throw new ProblemException(Problems.notFound("dead letter", id));
        }
    }

    /** The number of a letter, or that of none. */
    private static long number(String id) {
        try {
            return Long.parseLong(id);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
