package org.svos.telemetry.gateway.openapi;

import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springframework.core.MethodParameter;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.method.HandlerMethod;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.registry.Database;
import org.svos.telemetry.gateway.rest.Described;
import org.svos.telemetry.gateway.rest.Form;
import org.svos.telemetry.gateway.rest.Page;

/**
 * Describes a call by its method: parameters, body and answers by its signature, and what that does not tell by
 * {@link Described}. A call without that does not start.
 */
final class CallDescription implements GlobalOperationCustomizer {

    private static final String TEXT = "{\"type\": \"string\"}";
    private static final String LIMIT = "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 500, \"default\": 100}";

    private final Shapes shapes;

    CallDescription(Shapes shapes) {
        this.shapes = shapes;
    }

    @Override
    public Operation customize(Operation operation, HandlerMethod call) {
        Described told = call.getMethodAnnotation(Described.class);
        if (told == null) {
            throw new IllegalStateException(call + " has no @Described");
        }
        operation.setParameters(parameters(call, told));
        operation.setRequestBody(told.takes().isEmpty() ? null : body(call, told));
        ApiResponses responses = new ApiResponses();
        for (int status : told.answers()) {
            responses.addApiResponse(Integer.toString(status), answer(call, told, status));
        }
        ProblemAnswers.add(responses, refusals(call, told));
        operation.setResponses(responses);
        return operation;
    }

    private static List<Parameter> parameters(HandlerMethod call, Described told) {
        List<Parameter> parameters = new ArrayList<>();
        for (MethodParameter given : call.getMethodParameters()) {
            RequestHeader header = given.getParameterAnnotation(RequestHeader.class);
            if (given.hasParameterAnnotation(PathVariable.class)) {
                String name = given.getParameter().getName();
                parameters.add(parameter("path", name, "of the " + (name.equals("name") ? "database" : "thing"), TEXT)
                        .required(true));
            } else if (header != null) {
                parameters.add(parameter("header", header.name(), headerMeaning(header.name()), TEXT));
            } else if (given.getParameterType() == Page.Request.class) {
                parameters.add(parameter("query", "limit", "How many at most", LIMIT));
                parameters.add(parameter("query", "after", "The \"next\" of the page before", TEXT));
            }
        }
        if (Arrays.stream(told.answers()).anyMatch(status -> status == 304)) {
            parameters.add(
                    parameter("header", "If-None-Match", "The ETag of what is known: 304 if it is so still", TEXT));
        }
        for (Described.Query query : told.query()) {
            parameters.add(parameter("query", query.name(), query.description(), query.schema()));
        }
        return parameters;
    }

    private static Parameter parameter(String in, String name, String description, String schema) {
        return new Parameter().in(in).name(name).description(description).schema(Schemas.of(schema));
    }

    private static String headerMeaning(String name) {
        return switch (name) {
            case "If-Match" -> "The ETag of the GET that the change is based on; required";
            case "Last-Event-ID" -> "The id of the last event that was seen, to go on after it";
            default -> throw new IllegalStateException("say what the header " + name + " means");
        };
    }

    private static RequestBody body(HandlerMethod call, Described told) {
        Content content = Schemas.content("application/json", Schemas.of(told.takes()), told.takesExample());
        if (call.hasMethodAnnotation(PatchMapping.class)) {
            MediaType same = content.get("application/json");
            content.addMediaType("application/merge-patch+json", same);
        }
        return new RequestBody().content(content);
    }

    private ApiResponse answer(HandlerMethod call, Described told, int status) {
        ApiResponse answer = new ApiResponse().description(meaning(status));
        Type type = call.getMethod().getGenericReturnType();
        if (type instanceof ParameterizedType generic && generic.getRawType() == ResponseEntity.class) {
            type = generic.getActualTypeArguments()[0];
            if (status == 201) {
                answer.addHeaderObject("Location", ProblemAnswers.header("where it is"));
            }
        }
        if (type == Database.class) {
            answer.addHeaderObject("ETag", ProblemAnswers.header("its revision, for If-Match"));
        }
        if (status == 304) {
            return answer;
        }
        if (type != void.class) {
            answer.content(Schemas.content(told.type(), Schemas.of(shapes.of(type)), told.example()));
        } else if (!told.example().isEmpty()) {
            answer.content(Schemas.content(told.type(), Schemas.of(TEXT), told.example()));
        }
        return answer;
    }

    private static String meaning(int status) {
        return switch (status) {
            case 200 -> "As asked";
            case 201 -> "Made";
            case 202 -> "It will be done";
            case 204 -> "Done";
            case 304 -> "As it was";
            default -> throw new IllegalStateException("say what a " + status + " means");
        };
    }

    /** What every call can be refused for, what every call of this form can, and its own. */
    private static Set<ProblemCode> refusals(HandlerMethod call, Described told) {
        Set<ProblemCode> codes = EnumSet.of(
                ProblemCode.INVALID_REQUEST,
                ProblemCode.UNAUTHENTICATED,
                ProblemCode.NOT_ALLOWED,
                ProblemCode.NOT_ACCEPTABLE,
                ProblemCode.UNAVAILABLE);
        for (MethodParameter given : call.getMethodParameters()) {
            if (given.hasParameterAnnotation(PathVariable.class)) {
                codes.add(ProblemCode.NOT_FOUND);
            } else if (given.getParameterType() == Form.class) {
                codes.addAll(EnumSet.of(
                        ProblemCode.MALFORMED_BODY, ProblemCode.REQUEST_TOO_LARGE, ProblemCode.UNSUPPORTED_MEDIA_TYPE));
            }
        }
        if (!call.hasMethodAnnotation(GetMapping.class)) {
            codes.add(ProblemCode.SPOOL_FULL);
        }
        codes.addAll(Arrays.asList(told.refuses()));
        return codes;
    }
}
