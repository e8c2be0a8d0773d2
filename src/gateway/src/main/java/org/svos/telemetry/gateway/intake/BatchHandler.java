package org.svos.telemetry.gateway.intake;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.servlet.HandlerMapping;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.Reading;
import org.svos.telemetry.gateway.access.Access;
import org.svos.telemetry.gateway.access.Authentication.Authenticated;
import org.svos.telemetry.gateway.access.Authentication.Unauthenticated;
import org.svos.telemetry.gateway.access.Caller;
import org.svos.telemetry.gateway.admission.Admission;
import org.svos.telemetry.gateway.admission.Batch;
import org.svos.telemetry.gateway.admission.Outcome;
import org.svos.telemetry.gateway.intake.SandboxGate.Passage;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.problem.ProblemValve;
import org.svos.telemetry.gateway.registry.Registration;
import org.svos.telemetry.gateway.spool.Encoding;
import org.svos.telemetry.gateway.store.StoreException;
import org.svos.telemetry.gateway.store.StoreFullException;
import org.svos.telemetry.gateway.tracing.Tracing;

/**
 * {@code POST /api/v1/sandboxes/{sandboxId}/batches}. The checks come in the contract's order: token, sandbox, form of the
 * request, limits, duplicate, quota. What costs nothing comes before the body is read, and the body is read once.
 */
final class BatchHandler implements HttpRequestHandler {

    static final String PATH = "/api/v1/sandboxes/{sandboxId}/batches";

    private static final Logger log = LoggerFactory.getLogger(BatchHandler.class);

    private final Access access;
    private final SandboxGate gate;
    private final Admission admission;
    private final IntakeSettings settings;
    private final Capacity capacity;
    private final IntakeMeters meters;
    private final Tracing tracing;
    private final BatchReader reader;

    BatchHandler(
            Access access,
            SandboxGate gate,
            Admission admission,
            IntakeSettings settings,
            Capacity capacity,
            IntakeMeters meters,
            Tracing tracing) {
        this.access = access;
        this.gate = gate;
        this.admission = admission;
        this.settings = settings;
        this.capacity = capacity;
        this.meters = meters;
        this.tracing = tracing;
        this.reader = new BatchReader(settings.batchLimits());
    }

    /** For Spring MVC, which has found the sandbox ID in the path. */
    @Override
    public void handleRequest(HttpServletRequest request, HttpServletResponse response) {
        handle(request, response, templateVariable(request));
    }

    /** Answers one request. */
    void handle(HttpServletRequest request, HttpServletResponse response, @Nullable String sandboxId) {
        Answer answer = answerOrFault(request, sandboxId);
        if (answer instanceof Answer.Refused refused) {
            ProblemValve.answering(request, refused.whole());
        }
        meters.count(answer);
        try {
            answer.writeTo(response);
        } catch (IOException e) {
            // It will ask again, and be told the same: that is what its key is for.
            log.debug("a client has gone before its answer: {}", e.getMessage());
        }
    }

    /** Admission turns the store's faults into outcomes; a standing that was not in memory yet may still meet one. */
    private Answer answerOrFault(HttpServletRequest request, @Nullable String sandboxId) {
        try {
            return answer(request, sandboxId);
        } catch (StoreFullException e) {
            return new Answer.Refused(Refusals.spoolFull(), null);
        } catch (StoreException e) {
            return new Answer.Refused(Refusals.unavailable(Outcome.Unavailable.Cause.STORE), null);
        }
    }

    private Answer answer(HttpServletRequest request, @Nullable String sandboxId) {
        return switch (access.authenticate(request.getHeader("Authorization"))) {
            case Unauthenticated refusal -> new Answer.Refused(refusal.problem(), null);
            case Authenticated(Caller caller) -> answer(request, sandboxId, caller);
        };
    }

    private Answer answer(HttpServletRequest request, @Nullable String sandboxId, Caller caller) {
        if (!request.getMethod().equals("POST")) {
            return new Answer.Refused(
                    Problem.of(ProblemCode.METHOD_NOT_ALLOWED, "Batches are posted; there is nothing else to do here.")
                            .withHeader("Allow", "POST"),
                    null);
        }
        return switch (gate.open(caller, sandboxId)) {
            case Passage.Shut(Problem problem) -> new Answer.Refused(problem, null);
            case Passage.Open(Registration registration) -> traced(request, registration);
        };
    }

    /** From here on it is known who sends it: nobody else can have traces made. */
    private Answer traced(HttpServletRequest request, Registration registration) {
        try (Tracing.Part part = tracing.receiving(request::getHeader)) {
            Answer answer = answer(request, registration);
            if (part.isRecorded()) {
                part.with("telemetry.sandbox", registration.sandbox().id().value())
                        .with("telemetry.database", registration.database().name())
                        .with("telemetry.outcome", answer.code());
                if (answer instanceof Answer.Taken taken) {
                    part.with("telemetry.batch", taken.key())
                            .with("telemetry.events", Integer.toString(taken.accepted()));
                }
            }
            return answer;
        }
    }

    private Answer answer(HttpServletRequest request, Registration registration) {
        if (capacity.isDraining()) {
            return refused(Refusals.draining(), registration);
        }
        return switch (IdempotencyKey.read(request)) {
            case IdempotencyKey.Reading.Bad(Problem problem) -> refused(problem, registration);
            case IdempotencyKey.Reading.Good(String key) ->
                switch (ContentHeaders.read(request)) {
                    case ContentHeaders.Reading.Bad(Problem problem) -> refused(problem, registration);
                    case ContentHeaders.Reading.Good(Encoding encoding) -> answer(request, registration, key, encoding);
                };
        };
    }

    private Answer answer(HttpServletRequest request, Registration registration, String key, Encoding encoding) {
        try (Capacity.Place place = capacity.enter()) {
            if (place == null) {
                return refused(Refusals.overloaded(), registration);
            }
            return switch (WireBody.read(request, settings, place)) {
                case WireBody.Reading.Refused(Problem problem) -> refused(problem, registration);
                case WireBody.Reading.Whole(byte[] wire) -> answer(registration, key, encoding, wire, place);
            };
        }
    }

    private Answer answer(Registration registration, String key, Encoding encoding, byte[] wire, Capacity.Place place) {
        try (UnpackedBody body = UnpackedBody.of(wire, encoding, settings.maxBytes(wire.length), place)) {
            return switch (reader.read(body, null)) {
                case Reading.Malformed fault -> refused(Refusals.malformed(fault), registration);
                case Reading.TooManyEvents(int limit, int actual) ->
                    refused(Refusals.tooLarge("The batch has too many events.", limit, actual), registration);
                case Reading.Read(BatchSummary summary) -> {
                    Batch batch = new Batch(
                            registration.sandbox().id(),
                            registration.database(),
                            key,
                            body.hash(),
                            encoding,
                            wire,
                            body.bytes(),
                            summary,
                            tracing.traceparent());
                    yield Answer.to(batch, admission.admit(batch), admission::lastStanding);
                }
            };
        } catch (Refusal refusal) {
            return refused(refusal.problem(), registration);
        } catch (IOException e) {
            throw new IllegalStateException("a body in memory cannot fail to be read", e);
        }
    }

    private Answer refused(Problem problem, Registration registration) {
        return new Answer.Refused(problem, admission.lastStanding(registration.database()));
    }

    private static @Nullable String templateVariable(HttpServletRequest request) {
        return request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> variables
                        && variables.get("sandboxId") instanceof String id
                ? id
                : null;
    }
}
