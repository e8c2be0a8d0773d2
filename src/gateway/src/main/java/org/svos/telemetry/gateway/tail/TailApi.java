package org.svos.telemetry.gateway.tail;

import io.swagger.v3.oas.annotations.Operation;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.svos.telemetry.gateway.access.Access;
import org.svos.telemetry.gateway.access.Authentication.Authenticated;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.connection.Connections;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.problem.ProblemException;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.registry.DatabaseGate;
import org.svos.telemetry.gateway.registry.Registry;
import org.svos.telemetry.gateway.rest.Described;
import org.svos.telemetry.gateway.rest.Form;

/** {@code GET /api/v1/databases/{name}/events}. */
@RestController
final class TailApi {

    private static final Logger log = LoggerFactory.getLogger(TailApi.class);

    private static final long RETRY_SECONDS = 5;

    private static final String KINDS =
            "{\"enum\": [\"register\", \"session_begin\", \"message\", \"session_end\", \"unregister\"]}";

    private final Tails tails;
    private final TailSettings settings;
    private final DatabaseGate gate;
    private final Registry registry;
    private final Access access;
    private final Connections connections;

    TailApi(
            Tails tails,
            TailSettings settings,
            DatabaseGate gate,
            Registry registry,
            Access access,
            Connections connections) {
        this.tails = tails;
        this.settings = settings;
        this.gate = gate;
        this.registry = registry;
        this.access = access;
        this.connections = connections;
    }

    private static final String EXAMPLE = """
            id: 1x8c-17
            event: admitted
            data: {"sandbox":"00000000-1111-2222-3333-444444444444","host":"h1","seq":3,"kind":"message","name":"loaded"}

            """;

    /** Answers as long as the reader likes, on the request's own virtual thread. */
    @Operation(
            summary = "Look on at what happens to a database's events",
            description = "Server-sent events admitted, rejected and delivered; gap where some were missed; end.")
    @Described(
            type = MediaType.TEXT_EVENT_STREAM_VALUE,
            example = EXAMPLE,
            query = {
                @Described.Query(name = "kind", description = "Only of this kind", schema = KINDS),
                @Described.Query(name = "name", description = "Only of this name"),
                @Described.Query(name = "host", description = "Only from the host of this id")
            },
            refuses = {ProblemCode.TOO_MANY_READERS, ProblemCode.OVERLOADED, ProblemCode.DRAINING})
    @GetMapping(path = "/api/v1/databases/{name}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    void tail(
            Caller caller,
            @PathVariable String name,
            @RequestParam Map<String, String> parameters,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Database database = gate.readable(caller, name);
        Form form = Form.of(parameters);
        TailFilter filter = TailFilter.read(form);
        form.check();
        try (Tails.Seat seat = seat(database)) {
            connections.stallTimeout(request, settings.stallTimeout());
            response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
            response.setHeader("X-Accel-Buffering", "no"); // or nginx keeps events until it has a bufferful
            response.setHeader(HttpHeaders.CONNECTION, "close"); // it has a time-out of its own
            if (request.getMethod().equals("HEAD")) {
                return;
            }
            String token = request.getHeader(HttpHeaders.AUTHORIZATION);
            new TailStream(seat.ring(), filter, settings.heartbeat(), response.getOutputStream())
                    .run(name, lastEventId, () -> end(seat, database, token));
        } catch (IOException e) {
            log.debug("a reader of the tail has gone, or takes nothing any longer: {}", e.getMessage());
        }
    }

    private Tails.Seat seat(Database database) {
        return switch (tails.open(database.id())) {
            case Tails.Opening.Open(Tails.Seat seat) -> seat;
            case Tails.Opening.DatabaseFull(int limit) ->
                throw new ProblemException(Problem.of(
                                ProblemCode.TOO_MANY_READERS,
                                limit + " readers look at \"" + database.name() + "\" already. Let one of them go.")
                        .with("limit", limit)
                        .retryAfter(RETRY_SECONDS));
            case Tails.Opening.Full _ ->
                throw new ProblemException(Problem.of(
                                tails.isRunning() ? ProblemCode.OVERLOADED : ProblemCode.DRAINING,
                                tails.isRunning()
                                        ? "As many readers look on as the gateway has room for. Try again later."
                                        : "The gateway is shutting down.")
                        .retryAfter(RETRY_SECONDS));
        };
    }

    private TailStream.@Nullable End end(Tails.Seat seat, Database database, @Nullable String token) {
        if (!seat.isOpen()) {
            return TailStream.End.STOPPING;
        }
        if (registry.database(database.id()) == null) {
            return TailStream.End.DATABASE_REMOVED;
        }
        return access.authenticate(token) instanceof Authenticated(Caller caller) && caller.mayRead(database.id())
                ? null
                : TailStream.End.TOKEN_INVALID;
    }
}
