package org.svos.telemetry.gateway.diagnosis;

import io.swagger.v3.oas.annotations.Operation;
import java.time.Instant;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Role;
import org.svos.telemetry.gateway.admission.Admission;
import org.svos.telemetry.gateway.forward.LaneStatus;
import org.svos.telemetry.gateway.forward.Lanes;
import org.svos.telemetry.gateway.quota.Standing;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.DatabaseGate;
import org.svos.telemetry.gateway.rest.Described;
import org.svos.telemetry.gateway.spool.Spool;
import org.svos.telemetry.gateway.store.Store;

/** {@code GET /api/v1/databases/{name}/diagnosis}. */
@RestController
final class DiagnosisApi {

    private final DatabaseGate gate;
    private final Store store;
    private final Spool spool;
    private final Admission admission;
    private final Lanes lanes;

    DiagnosisApi(DatabaseGate gate, Store store, Spool spool, Admission admission, Lanes lanes) {
        this.gate = gate;
        this.store = store;
        this.spool = spool;
        this.admission = admission;
        this.lanes = lanes;
    }

    @Operation(
            summary = "What happens to a database's events now, and why",
            description =
                    "In words and in fields. No findings: what comes is accepted, and what was accepted is delivered.")
    @Described(example = """
            {"database": "mydb", "at": "2026-11-22T09:31:00Z",
             "findings": [{"code": "lane-parked", "detail": "Lantern Rock answers 401: …", "since": "2026-11-22T09:00:00Z",
               "until": null}],
             "state": "active",
             "quota": {"day": {"limit": 10485760, "left": 10000000, "resetSeconds": 52140},
               "rate": {"limit": 10000, "left": 10000, "resetSeconds": 0}, "mode": "enforce"},
             "lane": {"state": "parked", "since": "2026-11-22T09:00:00Z", "attempts": 31, "status": 401, "answer": "unknown token",
               "nextAttemptAt": "2026-11-22T09:32:00Z"},
             "backlog": {"events": 120, "bytes": 40960, "oldestAdmittedAt": "2026-11-22T09:00:01Z"},
             "deadLetters": 0, "rejected": {"quota-exceeded": 40},
             "hosts": [{"id": "h1", "name": "lab-17", "lastBatchAt": "2026-11-22T09:30:58Z", "missing": 0, "loses": false}]}""")
    @GetMapping("/api/v1/databases/{name}/diagnosis")
    Diagnosis diagnose(Caller caller, @PathVariable String name) {
        Database database = gate.readable(caller, name);
        Standing standing = admission.standing(database);
        LaneStatus lane = lanes.status(database.id());
        return store.read(tx -> new Examination(
                        database,
                        standing,
                        lane,
                        spool.waiting(tx, database.id()),
                        Signs.read(tx, database.id(), caller.role() == Role.ADMIN),
                        Instant.ofEpochMilli(tx.now()))
                .diagnosis());
    }
}
