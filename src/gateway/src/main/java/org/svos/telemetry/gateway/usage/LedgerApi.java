package org.svos.telemetry.gateway.usage;

import io.swagger.v3.oas.annotations.Operation;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Gate;
import org.svos.telemetry.gateway.access.Role;
import org.svos.telemetry.gateway.ledger.Ledger;
import org.svos.telemetry.gateway.ledger.Totals;
import org.svos.telemetry.gateway.registry.DatabaseGate;
import org.svos.telemetry.gateway.rest.Described;

/** {@code GET /api/v1/ledger} and {@code GET /api/v1/databases/{name}/ledger}. */
@RestController
final class LedgerApi {

    private static final String EXAMPLE = """
            {"received": 12, "accepted": 10, "duplicate": 1, "rejected": {"unknown-kind": 1}, "waiting": 2, "delivered": 7,
             "deadLettered": 1, "discarded": 0, "expired": 0, "sequenceGaps": 0, "hostLost": {"ringFull": 3}, "imbalance": 0}""";

    private final Ledger ledger;
    private final DatabaseGate gate;

    LedgerApi(Ledger ledger, DatabaseGate gate) {
        this.ledger = ledger;
        this.gate = gate;
    }

    /** Of all databases, those that were removed included. */
    @Operation(summary = "The ledger of all databases (admin)")
    @Described(example = EXAMPLE)
    @GetMapping("/api/v1/ledger")
    Totals all(Caller caller) {
        Gate.only(caller, Role.ADMIN);
        return ledger.all();
    }

    /** Of one; what its hosts lost only for an administrator, as a host's loss may be another database's. */
    @Operation(summary = "The ledger of a database")
    @Described(example = EXAMPLE)
    @GetMapping("/api/v1/databases/{name}/ledger")
    Totals one(Caller caller, @PathVariable String name) {
        long id = gate.readable(caller, name).id();
        Totals totals = ledger.of(id);
        return caller.role() == Role.ADMIN ? totals.withHostLost(ledger.hostLost(id)) : totals;
    }
}
