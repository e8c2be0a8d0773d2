package org.svos.telemetry.gateway.openapi;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;

/** Describes the intake, which is a plain handler and has no annotations to be read. */
final class IntakeDescription implements GlobalOpenApiCustomizer {

    private static final String EXAMPLE = """
            {"host": {"id": "h1", "name": "lab-17", "bootId": "b1"},
             "events": [{"seq": 1, "kind": "message", "name": "loaded", "time": "2026-11-22T09:31:00.123456789Z",
                         "payload": "{ hello_world: true }"}]}""";

    @Override
    public void customise(OpenAPI api) {
        api.path("/api/v1/sandboxes/{sandboxId}/batches", new PathItem().post(post()));
    }

    private static Operation post() {
        return new Operation()
                .operationId("postBatch")
                .summary("Post a batch of events of one sandbox, for a token of role host")
                .addTagsItem("intake")
                .addParametersItem(parameter("path", "sandboxId", "The sandbox ID", true))
                .addParametersItem(parameter(
                        "header",
                        "Idempotency-Key",
                        "1 to 64 visible ASCII characters: the same batch, the same key",
                        true))
                .addParametersItem(parameter("header", "Content-Encoding", "zstd, gzip or identity", false))
                .requestBody(new RequestBody().required(true).content(json(EXAMPLE)))
                .responses(new ApiResponses()
                        .addApiResponse(
                                "202",
                                answer("Durable; events that can never be valid are listed")
                                        .content(json("{\"batch\": \"k1\", \"accepted\": 1, \"rejected\": []}")))
                        .addApiResponse("200", answer("This key with this body was accepted before"))
                        .addApiResponse("default", CommonParts.problem()));
    }

    private static Parameter parameter(String in, String name, String description, boolean required) {
        return new Parameter()
                .in(in)
                .name(name)
                .description(description)
                .required(required)
                .schema(new StringSchema());
    }

    private static ApiResponse answer(String description) {
        return new ApiResponse().description(description);
    }

    private static Content json(String example) {
        return new Content()
                .addMediaType(
                        "application/json",
                        new MediaType().schema(new ObjectSchema()).example(example));
    }
}
