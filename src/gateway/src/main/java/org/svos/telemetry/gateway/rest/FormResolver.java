package org.svos.telemetry.gateway.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.problem.ProblemException;
import org.svos.telemetry.gateway.problem.Problems;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads the body of a call of the REST API as a {@link Form}. No body at all reads as {@code {}}. */
final class FormResolver implements HandlerMethodArgumentResolver {

    /** Far above any form of the contract, far below what could hurt. */
    private static final int MAX_BYTES = 256 * 1024;

    private static final MediaType MERGE_PATCH = MediaType.valueOf("application/merge-patch+json");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == Form.class;
    }

    @Override
    public Form resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer model,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory binders) {
        HttpServletRequest http = request.getNativeRequest(HttpServletRequest.class);
        if (http == null) {
            throw new IllegalStateException("no servlet request");
        }
        byte[] body = read(http);
        if (body.length > MAX_BYTES) {
            throw new ProblemException(
                    Problem.of(ProblemCode.REQUEST_TOO_LARGE, "The body has more than " + MAX_BYTES + " bytes.")
                            .with("limit", MAX_BYTES));
        }
        if (body.length == 0) {
            return Form.of(JSON.createObjectNode());
        }
        checkType(http);
        return Form.of(object(body));
    }

    private static byte[] read(HttpServletRequest request) {
        try {
            return request.getInputStream().readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.of(ProblemCode.MALFORMED_BODY, "The body did not come whole, or its framing is broken."));
        }
    }

    private static ObjectNode object(byte[] body) {
        JsonNode node;
        try {
            node = JSON.readTree(body);
        } catch (JacksonException e) {
            TokenStreamLocation where = e.getLocation();
            Problem problem = Problem.of(
                    ProblemCode.MALFORMED_BODY, "The body is not JSON: " + Problems.shown(e.getOriginalMessage()));
            throw new ProblemException(
                    where == null
                            ? problem
                            : problem.with("line", where.getLineNr()).with("column", where.getColumnNr()));
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new ProblemException(Form.invalid("", "must be a JSON object"));
    }

    private static void checkType(HttpServletRequest request) {
        List<MediaType> known = request.getMethod().equals("PATCH")
                ? List.of(MERGE_PATCH, MediaType.APPLICATION_JSON)
                : List.of(MediaType.APPLICATION_JSON);
        String type = request.getContentType();
        if (type == null || known.stream().noneMatch(one -> includes(one, type))) {
            throw new ProblemException(Problems.unsupportedMediaType(
                    String.valueOf(type),
                    known.stream().map(MediaType::toString).toList()));
        }
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new ProblemException(Problem.of(
                            ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                            "The content encoding " + Problems.shown(encoding)
                                    + " is not taken here. Send the body as it is.")
                    .with("supported", List.of("identity")));
        }
    }

    private static boolean includes(MediaType known, String type) {
        try {
            return known.includes(MediaType.parseMediaType(type));
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }
}
