package org.svos.telemetry.gateway.openapi;

import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.math.BigDecimal;
import java.util.Arrays;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.method.HandlerMethod;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.rest.Form;
import org.svos.telemetry.gateway.rest.Page;

/** Describes what calls share: the parameters of a list, the body of a form, and problems. */
final class CommonParts implements GlobalOperationCustomizer {

    @Override
    public Operation customize(Operation operation, HandlerMethod call) {
        if (takes(call, Page.Request.class)) {
            operation.addParametersItem(query("limit", "How many at most", limit()));
            operation.addParametersItem(query("after", "The \"next\" of the page before", new StringSchema()));
        }
        if (takes(call, Form.class) && operation.getRequestBody() == null) {
            operation.setRequestBody(new RequestBody().content(form(call)));
        }
        operation.getResponses().addApiResponse("default", problem());
        return operation;
    }

    static ApiResponse problem() {
        Schema<?> schema = new ObjectSchema()
                .addProperty("type", new StringSchema().format("uri"))
                .addProperty("title", new StringSchema())
                .addProperty("status", new IntegerSchema())
                .addProperty("detail", new StringSchema())
                .addProperty("code", new StringSchema());
        return new ApiResponse()
                .description("A problem (RFC 9457); \"code\" tells which")
                .content(new Content().addMediaType(Problem.MEDIA_TYPE, new MediaType().schema(schema)));
    }

    private static Schema<?> limit() {
        IntegerSchema schema = new IntegerSchema();
        schema.setMinimum(BigDecimal.ONE);
        schema.setMaximum(BigDecimal.valueOf(500));
        schema.setDefault(100);
        return schema;
    }

    private static Content form(HandlerMethod call) {
        Content content = new Content().addMediaType("application/json", new MediaType().schema(new ObjectSchema()));
        if (call.hasMethodAnnotation(PatchMapping.class)) {
            content.addMediaType("application/merge-patch+json", new MediaType().schema(new ObjectSchema()));
        }
        return content;
    }

    private static boolean takes(HandlerMethod call, Class<?> type) {
        return Arrays.stream(call.getMethodParameters())
                .map(MethodParameter::getParameterType)
                .anyMatch(type::equals);
    }

    private static Parameter query(String name, String description, Schema<?> schema) {
        return new Parameter().in("query").name(name).description(description).schema(schema);
    }
}
