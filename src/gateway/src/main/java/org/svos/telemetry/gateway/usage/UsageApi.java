package org.svos.telemetry.gateway.usage;

import io.swagger.v3.oas.annotations.Operation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.ledger.Usage;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.DatabaseGate;
import org.svos.telemetry.gateway.rest.Described;
import org.svos.telemetry.gateway.rest.Form;

/** {@code GET /api/v1/databases/{name}/usage?from=&to=&step=hour|day}. */
@RestController
final class UsageApi {

    private static final String TIME = "{\"type\": \"string\", \"format\": \"date-time\"}";

    private static final long MAX_POINTS = 2_000;
    private static final Duration HOURS_UNLESS_SAID = Duration.ofDays(1);
    private static final Duration DAYS_UNLESS_SAID = Duration.ofDays(30);

    private final Usage usage;
    private final DatabaseGate gate;
    private final InstantSource clock;

    UsageApi(Usage usage, DatabaseGate gate, InstantSource clock) {
        this.usage = usage;
        this.gate = gate;
        this.clock = clock;
    }

    /** Usage over time, the empty steps too. */
    record Series(List<Usage.Point> points) {}

    /** Of the last day by the hour, unless the parameters say otherwise; by the day, of the last 30. */
    @Operation(summary = "Usage by the hour or day")
    @Described(
            query = {
                @Described.Query(
                        name = "from",
                        description = "A day, or 30 days, before \"to\" unless said",
                        schema = TIME),
                @Described.Query(name = "to", description = "Now unless said", schema = TIME),
                @Described.Query(
                        name = "step",
                        description = "Length of a point, in UTC",
                        schema = "{\"enum\": [\"hour\", \"day\"], \"default\": \"hour\"}")
            },
            example = """
                    {"points": [{"from": "2026-11-22T09:00:00Z", "to": "2026-11-22T10:00:00Z",
                      "accepted": {"events": 10, "bytes": 2048}, "delivered": {"events": 7, "bytes": 1434},
                      "rejected": {"events": 0, "bytes": 0}}]}""")
    @GetMapping("/api/v1/databases/{name}/usage")
    Series usage(Caller caller, @PathVariable String name, @RequestParam Map<String, String> parameters) {
        Database database = gate.readable(caller, name);
        Form form = Form.of(parameters);
        Usage.Step said =
                form.choice("step", Usage.Step.class, word -> word.name().toLowerCase(Locale.ROOT));
        Usage.Step step = said == null ? Usage.Step.HOUR : said;
        Instant saidTo = form.instant("to");
        Instant to = saidTo == null ? clock.instant() : saidTo;
        Instant saidFrom = form.instant("from");
        Instant from = saidFrom == null ? to.minus(unlessSaid(step)) : saidFrom;
        if (!from.isBefore(to)) {
            form.fault("from", "must be before \"to\", which is now unless said");
        } else if (step.points(from, to) > MAX_POINTS) {
            form.fault("from", "must be at most " + MAX_POINTS + " steps before \"to\"");
        }
        form.check();
        return new Series(usage.points(database.id(), from, to, step));
    }

    private static Duration unlessSaid(Usage.Step step) {
        return switch (step) {
            case HOUR -> HOURS_UNLESS_SAID;
            case DAY -> DAYS_UNLESS_SAID;
        };
    }
}
