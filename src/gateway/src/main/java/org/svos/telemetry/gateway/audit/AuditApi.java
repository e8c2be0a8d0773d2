package org.svos.telemetry.gateway.audit;

import io.swagger.v3.oas.annotations.Operation;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Gate;
import org.svos.telemetry.gateway.access.Role;
import org.svos.telemetry.gateway.problem.ProblemException;
import org.svos.telemetry.gateway.rest.Described;
import org.svos.telemetry.gateway.rest.Form;
import org.svos.telemetry.gateway.rest.Page;
import org.svos.telemetry.gateway.store.Store;

/** {@code GET /api/v1/audit}. */
@RestController
final class AuditApi {

    private final Store store;

    AuditApi(Store store) {
        this.store = store;
    }

    /** The trail, the newest entry first. */
    @Operation(summary = "Who changed what, the newest first (admin)")
    @Described(example = """
            {"items": [{"id": 9, "at": "2026-11-22T09:31:00Z", "actor": "admin", "action": "database.register",
              "target": "mydb", "detail": "owner lab team"}], "next": null}""")
    @GetMapping("/api/v1/audit")
    Page<Audit.Entry> list(Caller caller, Page.Request page) {
        Gate.only(caller, Role.ADMIN);
        long before = before(page.after());
        return page.page(
                store.read(tx -> Audit.before(tx, before, page.readLimit())), entry -> Long.toString(entry.id()));
    }

    private static long before(@Nullable String after) {
        try {
            return after == null ? Long.MAX_VALUE : Long.parseLong(after);
        } catch (NumberFormatException e) {
            throw new ProblemException(Form.invalid("/after", "must be a cursor of this list"));
        }
    }
}
