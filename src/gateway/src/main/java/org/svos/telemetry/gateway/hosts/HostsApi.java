package org.svos.telemetry.gateway.hosts;

import io.swagger.v3.oas.annotations.Operation;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.svos.telemetry.event.HostLoss;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.access.Gate;
import org.svos.telemetry.gateway.access.Role;
import org.svos.telemetry.gateway.rest.Described;
import org.svos.telemetry.gateway.rest.Page;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/** {@code GET /api/v1/hosts}. */
@RestController
final class HostsApi {

    private static final String LIST = """
            select id, name, boot_id, kernel, loader_version, last_batch_at,
                coalesce(sum(case when reason = 'ringFull' then events end), 0) as ring_full,
                coalesce(sum(case when reason = 'probeFault' then events end), 0) as probe_fault,
                coalesce(sum(case when reason = 'recursion' then events end), 0) as recursion,
                coalesce(sum(case when reason = 'throttled' then events end), 0) as throttled,
                coalesce(sum(case when reason = 'spoolEvicted' then events end), 0) as spool_evicted
            from (select id, name, host.boot_id, kernel, loader_version, last_batch_at, reason, events
                from host left join host_lost on host_lost.host_id = host.id
                where id in (select id from host where id > ? order by id limit ?)) seen
            group by id, name, boot_id, kernel, loader_version, last_batch_at order by id""";

    private final Store store;

    HostsApi(Store store) {
        this.store = store;
    }

    @Operation(summary = "The hosts that posted batches (admin)")
    @Described(example = """
            {"items": [{"id": "h1", "name": "lab-17", "bootId": "b1", "kernel": "6.1.0-40-amd64", "loaderVersion": "1.0.0",
              "lastBatchAt": "2026-11-22T09:31:00Z",
              "lost": {"ringFull": 0, "probeFault": 0, "recursion": 0, "throttled": 0, "spoolEvicted": 0}}], "next": null}""")
    @GetMapping("/api/v1/hosts")
    Page<SeenHost> list(Caller caller, Page.Request page) {
        Gate.only(caller, Role.ADMIN);
        String after = page.after() == null ? "" : page.after();
        return page.page(store.read(tx -> list(tx, after, page.readLimit())), SeenHost::id);
    }

    private static List<SeenHost> list(Tx tx, String after, int limit) throws SQLException {
        PreparedStatement select = tx.statement(LIST);
        select.setString(1, after);
        select.setInt(2, limit);
        List<SeenHost> hosts = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                hosts.add(new SeenHost(
                        row.getString("id"),
                        row.getString("name"),
                        row.getString("boot_id"),
                        row.getString("kernel"),
                        row.getString("loader_version"),
                        Instant.ofEpochMilli(row.getLong("last_batch_at")),
                        new HostLoss(
                                row.getLong("ring_full"),
                                row.getLong("probe_fault"),
                                row.getLong("recursion"),
                                row.getLong("throttled"),
                                row.getLong("spool_evicted"))));
            }
        }
        return hosts;
    }
}
