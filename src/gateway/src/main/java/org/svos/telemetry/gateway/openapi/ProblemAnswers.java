package org.svos.telemetry.gateway.openapi;

import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import tools.jackson.databind.json.JsonMapper;

/** Describes refusals: an answer for each status, with the codes that it can have. */
final class ProblemAnswers {

    /** The component that all of them share. */
    static final String NAME = "Problem";

    /** RFC 9457's members, the code, and the members of those codes that have some. */
    static final String SCHEMA = """
            {"type": "object",
             "required": ["type", "title", "status", "detail", "code"],
             "additionalProperties": false,
             "properties": {
               "type": {"type": "string", "format": "uri", "description": "stable; ends in the code"},
               "title": {"type": "string", "description": "the same for every problem of this code"},
               "status": {"type": "integer"},
               "detail": {"type": "string", "description": "what was wrong, where, and what to do"},
               "code": {"type": "string"},
               "errors": {"type": "array", "description": "of invalid-request: every fault",
                 "items": {"type": "object", "required": ["pointer", "detail"], "additionalProperties": false,
                   "properties": {"pointer": {"type": "string", "description": "RFC 6901, without #"}, "detail": {"type": "string"}}}},
               "line": {"type": "integer"}, "column": {"type": "integer"}, "pointer": {"type": "string"},
               "limit": {"type": "integer"}, "actual": {"type": "integer"}, "used": {"type": "integer"},
               "reset": {"type": "integer", "description": "seconds"},
               "policy": {"type": "string", "enum": ["day", "rate"]},
               "violated-policies": {"type": "array", "items": {"type": "string", "enum": ["day", "rate"]}},
               "supported": {"type": "array", "items": {"type": "string"}},
               "waiting": {"type": "integer", "description": "events"}}}""";

    private ProblemAnswers() {}

    /** Adds an answer for each status that the codes have, and one for a defect. */
    static void add(ApiResponses responses, Collection<ProblemCode> codes) {
        Map<Integer, List<ProblemCode>> byStatus = codes.stream()
                .distinct()
                .sorted()
                .collect(Collectors.groupingBy(ProblemCode::status, TreeMap::new, Collectors.toList()));
        byStatus.forEach((status, ofIt) -> responses.addApiResponse(Integer.toString(status), answer(ofIt)));
        responses.addApiResponse("default", answer(List.of(ProblemCode.INTERNAL_ERROR)));
    }

    private static ApiResponse answer(List<ProblemCode> codes) {
        Schema<?> schema = Schemas.of(Map.of(
                "allOf",
                List.of(
                        Map.of("$ref", "#/components/schemas/" + NAME),
                        Map.of(
                                "properties",
                                Map.of(
                                        "code",
                                        Map.of(
                                                "enum",
                                                codes.stream()
                                                        .map(ProblemCode::wireName)
                                                        .toList()))))));
        MediaType media = new MediaType().schema(schema);
        for (ProblemCode code : codes) {
            byte[] example = Problem.of(code, code.title() + ".").toJson();
            media.addExamples(
                    code.wireName(),
                    new Example()
                            .value(JsonMapper.shared()
                                    .readValue(new String(example, StandardCharsets.UTF_8), Object.class)));
        }
        ApiResponse answer = new ApiResponse()
                .description(codes.stream().map(ProblemCode::title).collect(Collectors.joining("; ")))
                .content(new Content().addMediaType(Problem.MEDIA_TYPE, media));
        header(answer, codes.getFirst());
        return answer;
    }

    private static void header(ApiResponse answer, ProblemCode code) {
        switch (code.status()) {
            case 401 -> answer.addHeaderObject("WWW-Authenticate", header("Bearer"));
            case 412 -> answer.addHeaderObject("ETag", header("what it is at now"));
            case 429, 503, 507 -> answer.addHeaderObject("Retry-After", header("whole seconds to wait, at least"));
            default -> {}
        }
    }

    static Header header(String description) {
        return new Header().description(description).schema(Schemas.of("{\"type\": \"string\"}"));
    }
}
