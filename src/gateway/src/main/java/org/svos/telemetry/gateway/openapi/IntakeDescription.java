package org.svos.telemetry.gateway.openapi;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.svos.telemetry.gateway.problem.ProblemCode;

/** Describes the intake, which is a plain handler and has no signature to be read. */
final class IntakeDescription {

    private static final String BATCH = """
            {"type": "object", "required": ["events"], "description": "unknown keys are passed over",
             "properties": {
               "host": {"type": ["object", "null"], "properties": {
                 "id": {"type": ["string", "null"], "maxLength": 256}, "name": {"type": ["string", "null"], "maxLength": 256},
                 "bootId": {"type": ["string", "null"], "maxLength": 256}, "kernel": {"type": ["string", "null"], "maxLength": 256},
                 "loaderVersion": {"type": ["string", "null"], "maxLength": 256}}},
               "application": {"type": ["object", "null"], "properties": {
                 "name": {"type": ["string", "null"], "maxLength": 256}, "version": {"type": ["string", "null"], "maxLength": 256}}},
               "lost": {"type": ["object", "null"], "description": "since the host's boot", "properties": {
                 "ringFull": {"type": "integer", "minimum": 0}, "probeFault": {"type": "integer", "minimum": 0},
                 "recursion": {"type": "integer", "minimum": 0}, "throttled": {"type": "integer", "minimum": 0},
                 "spoolEvicted": {"type": "integer", "minimum": 0}}},
               "events": {"type": "array", "minItems": 1, "maxItems": 10000,
                 "description": "one that is not as told here is rejected by itself, and listed in the answer",
                 "items": {"anyOf": [{"$ref": "#/components/schemas/Event"}, true]}}}}""";

    private static final String EVENT = """
            {"type": "object", "required": ["seq", "kind", "time"],
             "properties": {
               "seq": {"type": "integer", "minimum": 1},
               "kind": {"enum": ["register", "session_begin", "message", "session_end", "unregister"]},
               "name": {"type": "string", "maxLength": 128, "description": "required of a message"},
               "version": {"type": "string", "maxLength": 128},
               "time": {"type": "string", "format": "date-time", "description": "up to 9 digits of a fraction"},
               "bootTimeNs": {"type": "integer", "minimum": 0}, "cpu": {"type": "integer", "minimum": 0},
               "pid": {"type": "integer", "minimum": 0}, "comm": {"type": "string", "maxLength": 128},
               "payload": {"type": ["object", "string"], "description": "required of a message; up to 64 KiB"}}}""";

    private static final String TAKEN = """
            {"type": "object", "required": ["batch", "accepted", "rejected"], "additionalProperties": false,
             "properties": {
               "batch": {"type": "string", "description": "the idempotency key"},
               "accepted": {"type": "integer"},
               "rejected": {"type": "array", "items": {"type": "object", "required": ["index", "code", "detail"],
                 "additionalProperties": false, "properties": {
                   "index": {"type": "integer"},
                   "code": {"enum": ["unknown-kind", "missing-field", "wrong-type", "too-long", "too-deep"]},
                   "detail": {"type": "string"}}}}}}""";

    private static final String EXAMPLE = """
            {"host": {"id": "h1", "name": "lab-17", "bootId": "b1"},
             "events": [{"seq": 1, "kind": "message", "name": "loaded", "time": "2026-11-22T09:31:00.123456789Z",
                         "payload": "{ hello_world: true }"}]}""";

    private static final String TAKEN_EXAMPLE = """
            {"batch": "k1", "accepted": 1, "rejected": []}""";

    private static final Set<ProblemCode> REFUSALS = EnumSet.of(
            ProblemCode.MALFORMED_BODY,
            ProblemCode.MISSING_IDEMPOTENCY_KEY,
            ProblemCode.INVALID_IDEMPOTENCY_KEY,
            ProblemCode.INVALID_SANDBOX_ID,
            ProblemCode.UNAUTHENTICATED,
            ProblemCode.SANDBOX_UNKNOWN,
            ProblemCode.SANDBOX_SUSPENDED,
            ProblemCode.DATABASE_SUSPENDED,
            ProblemCode.NOT_ALLOWED,
            ProblemCode.KEY_IN_USE,
            ProblemCode.BATCH_TOO_LARGE,
            ProblemCode.BATCH_EXCEEDS_QUOTA,
            ProblemCode.UNSUPPORTED_MEDIA_TYPE,
            ProblemCode.KEY_REUSED,
            ProblemCode.QUOTA_EXCEEDED,
            ProblemCode.UNAVAILABLE,
            ProblemCode.OVERLOADED,
            ProblemCode.DRAINING,
            ProblemCode.SPOOL_FULL);

    private IntakeDescription() {}

    static Map<String, String> schemas() {
        return Map.of("Batch", BATCH, "Event", EVENT, "Taken", TAKEN);
    }

    static void addTo(OpenAPI api) {
        api.path("/api/v1/sandboxes/{sandboxId}/batches", new PathItem().post(post()));
    }

    private static Operation post() {
        ApiResponses responses = new ApiResponses()
                .addApiResponse("202", taken("Durable: on disk, and only then"))
                .addApiResponse(
                        "200",
                        taken("This key with this body was accepted before; free")
                                .addHeaderObject("Idempotency-Replayed", ProblemAnswers.header("true")));
        ProblemAnswers.add(responses, REFUSALS);
        return new Operation()
                .operationId("postBatch")
                .summary("Post a batch of events of one sandbox (host)")
                .description("The valid events of a batch are taken together or not at all. Answers to an authenticated"
                        + " sandbox carry RateLimit-Policy and RateLimit.")
                .addTagsItem("intake")
                .addParametersItem(parameter("path", "sandboxId", "The sandbox ID", "{\"type\": \"string\"}", true))
                .addParametersItem(parameter(
                        "header",
                        "Idempotency-Key",
                        "The same batch, the same key; in quotes or without",
                        "{\"type\": \"string\", \"minLength\": 1, \"maxLength\": 66}",
                        true))
                .addParametersItem(parameter(
                        "header",
                        "Content-Encoding",
                        "Of the body",
                        "{\"enum\": [\"zstd\", \"gzip\", \"identity\"]}",
                        false))
                .requestBody(new RequestBody()
                        .required(true)
                        .content(Schemas.content("application/json", reference("Batch"), EXAMPLE)))
                .responses(responses);
    }

    private static ApiResponse taken(String description) {
        return new ApiResponse()
                .description(description)
                .addHeaderObject("RateLimit-Policy", ProblemAnswers.header("the database's quota"))
                .addHeaderObject("RateLimit", ProblemAnswers.header("what is left of it"))
                .content(Schemas.content("application/json", reference("Taken"), TAKEN_EXAMPLE));
    }

    private static Schema<?> reference(String name) {
        return Schemas.of(Map.of("$ref", "#/components/schemas/" + name));
    }

    private static Parameter parameter(String in, String name, String description, String schema, boolean required) {
        return new Parameter()
                .in(in)
                .name(name)
                .description(description)
                .required(required)
                .schema(Schemas.of(schema));
    }
}
