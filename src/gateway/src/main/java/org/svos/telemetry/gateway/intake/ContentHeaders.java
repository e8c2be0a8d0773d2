package org.svos.telemetry.gateway.intake;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.problem.Problems;
import org.svos.telemetry.gateway.spool.Encoding;

/** Reads {@code Content-Type} and {@code Content-Encoding}. */
final class ContentHeaders {

    private static final Map<String, Encoding> ENCODINGS = Map.of(
            "identity", Encoding.IDENTITY,
            "gzip", Encoding.GZIP,
            "x-gzip", Encoding.GZIP, // the same, RFC 9110
            "zstd", Encoding.ZSTD);

    private ContentHeaders() {}

    /** What the headers came to. */
    sealed interface Reading {

        record Good(Encoding encoding) implements Reading {}

        record Bad(Problem problem) implements Reading {}
    }

    static Reading read(HttpServletRequest request) {
        String type = request.getContentType();
        if (!isJson(type)) {
            return new Reading.Bad(Problem.of(
                            ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                            (type == null
                                            ? "The request has no Content-Type"
                                            : "The Content-Type is " + Problems.shown(type))
                                    + "; a batch is application/json, in UTF-8.")
                    .with("supported", List.of(MediaType.APPLICATION_JSON_VALUE))
                    .withHeader("Accept-Post", MediaType.APPLICATION_JSON_VALUE));
        }
        Enumeration<String> values = request.getHeaders(HttpHeaders.CONTENT_ENCODING);
        if (!values.hasMoreElements()) {
            return new Reading.Good(Encoding.IDENTITY);
        }
        String name = values.nextElement();
        Encoding encoding =
                values.hasMoreElements() ? null : ENCODINGS.get(name.strip().toLowerCase(Locale.ROOT));
        if (encoding == null) {
            return new Reading.Bad(Problem.of(
                            ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                            "The Content-Encoding is " + Problems.shown(name)
                                    + "; known are zstd, gzip and identity, one at a time.")
                    .with("supported", List.of("zstd", "gzip", "identity"))
                    .withHeader(HttpHeaders.ACCEPT_ENCODING, "zstd, gzip, identity"));
        }
        return new Reading.Good(encoding);
    }

    private static boolean isJson(@Nullable String type) {
        if (MediaType.APPLICATION_JSON_VALUE.equals(type)) {
            return true;
        }
        try {
            MediaType parsed = type == null ? null : MediaType.parseMediaType(type);
            String charset = parsed == null ? null : parsed.getParameter("charset");
            return MediaType.APPLICATION_JSON.equalsTypeAndSubtype(parsed)
                    && (charset == null || charset.replace("\"", "").equalsIgnoreCase("utf-8"));
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }
}
