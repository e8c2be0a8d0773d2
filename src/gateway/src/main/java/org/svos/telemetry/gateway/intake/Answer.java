package org.svos.telemetry.gateway.intake;

import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Rejection;
import org.svos.telemetry.gateway.admission.Batch;
import org.svos.telemetry.gateway.admission.Outcome;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.quota.Standing;
import org.svos.telemetry.gateway.registry.Database;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The intake's answer to a request. */
sealed interface Answer {

    /** Writes it: the one place that does. */
    void writeTo(HttpServletResponse response) throws IOException;

    /** Its name in the count of requests. */
    String code();

    /**
     * The answer to a batch that admission has decided on.
     *
     * @param standing tells a database's, for outcomes that do not
     */
    static Answer to(Batch batch, Outcome outcome, Function<Database, Standing> standing) {
        return switch (outcome) {
            case Outcome.Accepted(var accepted, var rejected, var left) ->
                new Taken(batch.key(), accepted, rejected, false, left);
            case Outcome.Replayed(var accepted, var rejected, var left) ->
                new Taken(batch.key(), accepted, rejected, true, left);
            case Outcome.KeyReused(var left) -> new Refused(Refusals.keyReused(), left);
            case Outcome.KeyInUse(var left) -> new Refused(Refusals.keyInUse(), left);
            case Outcome.OverQuota over -> new Refused(Refusals.overQuota(over), over.standing());
            case Outcome.ExceedsQuota exceeds -> new Refused(Refusals.exceedsQuota(exceeds), exceeds.standing());
            case Outcome.SandboxGone() ->
                new Refused(SandboxGate.unknown(batch.sandbox()).problem(), null);
            case Outcome.SpoolFull() -> new Refused(Refusals.spoolFull(), standing.apply(batch.database()));
            case Outcome.Unavailable(var cause) ->
                new Refused(Refusals.unavailable(cause), standing.apply(batch.database()));
        };
    }

    /**
     * A refusal.
     *
     * @param standing of the database, if the sandbox has authenticated itself
     */
    record Refused(Problem problem, @Nullable Standing standing) implements Answer {

        @Override
        public void writeTo(HttpServletResponse response) throws IOException {
            whole().writeTo(response);
        }

        /** The problem with all its headers. */
        Problem whole() {
            return standing == null ? problem : RateLimitHeaders.add(standing, problem);
        }

        @Override
        public String code() {
            return problem.code().wireName();
        }
    }

    /**
     * The batch is durable:
     *
     * <pre>{"batch": "key", "accepted": 2, "rejected": [{"index": 1, "code": "unknown-kind", "detail": "…"}]}</pre>
     *
     * @param replayed whether it was so before this request
     */
    record Taken(String key, int accepted, List<Rejection> rejected, boolean replayed, Standing standing)
            implements Answer {

        private static final JsonFactory JSON = JsonFactory.builder().build();

        @Override
        public void writeTo(HttpServletResponse response) throws IOException {
            RateLimitHeaders.write(standing, response);
            if (replayed) {
                response.setHeader("Idempotency-Replayed", "true");
            }
            byte[] body = body();
            response.setStatus(replayed ? HttpServletResponse.SC_OK : HttpServletResponse.SC_ACCEPTED);
            response.setContentType("application/json");
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        }

        @Override
        public String code() {
            return replayed ? "replayed" : "accepted";
        }

        private byte[] body() {
            ByteArrayOutputStream out = new ByteArrayOutputStream(128);
            try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8)) {
                json.writeStartObject();
                json.writeStringProperty("batch", key);
                json.writeNumberProperty("accepted", accepted);
                json.writeArrayPropertyStart("rejected");
                for (Rejection rejection : rejected) {
                    json.writeStartObject();
                    json.writeNumberProperty("index", rejection.index());
                    json.writeStringProperty("code", rejection.code().wireName());
                    json.writeStringProperty("detail", rejection.detail());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            return out.toByteArray();
        }
    }
}
