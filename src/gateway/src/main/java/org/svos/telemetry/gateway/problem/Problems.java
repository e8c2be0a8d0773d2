package org.svos.telemetry.gateway.problem;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The problems that any call can end in. */
public final class Problems {

    /** Of what a client sent, as much as tells it which of its words is meant. */
    private static final int MAX_SHOWN_CHARS = 120;

    private Problems() {}

    /** A client's own text as a detail shows it: its first {@value #MAX_SHOWN_CHARS} characters. */
    public static String shown(@Nullable String given) {
        if (given == null) {
            return "";
        }
        return given.length() <= MAX_SHOWN_CHARS ? given : given.substring(0, MAX_SHOWN_CHARS) + "…";
    }

    /** The 415 that names the content types which the call takes. */
    public static Problem unsupportedMediaType(String given, List<String> known) {
        return Problem.of(
                        ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                        "The content type " + shown(given) + " is not taken here. Send one of: "
                                + String.join(", ", known) + ".")
                .with("supported", known);
    }

    /** The 404 of a thing that is not there, or that the caller may not know of: the two read the same. */
    public static Problem notFound(String what, String name) {
        return Problem.of(
                ProblemCode.NOT_FOUND, "There is no " + what + " \"" + shown(name) + "\" that this token may see.");
    }

    /** The problem for a status that a container or framework came to by itself. */
    static Problem ofStatus(int status, HttpServletRequest request) {
        String call = shown(request.getMethod()) + " " + shown(request.getRequestURI());
        return switch (status) {
            case 401 ->
                Problem.of(
                                ProblemCode.UNAUTHENTICATED,
                                call + " needs a token: send it as \"Authorization: Bearer <token>\".")
                        .withHeader("WWW-Authenticate", "Bearer");
            case 403 -> Problem.of(ProblemCode.NOT_ALLOWED, "The token's role may not call " + call + ".");
            case 404 ->
                Problem.of(ProblemCode.NOT_FOUND, call + ": no such path. /v3/api-docs lists those that exist.");
            case 405 ->
                Problem.of(
                        ProblemCode.METHOD_NOT_ALLOWED,
                        call + ": not with this method. The Allow header lists the others.");
            case 406 ->
                Problem.of(
                        ProblemCode.NOT_ACCEPTABLE,
                        call + " answers in JSON, a live tail in text/event-stream: accept that, or */*.");
            case 413, 414, 431 -> Problem.of(ProblemCode.REQUEST_TOO_LARGE, "The request or its header is too large.");
            case 415 -> Problem.of(ProblemCode.UNSUPPORTED_MEDIA_TYPE, call + " does not take this content type.");
            case 501, 505 ->
                Problem.of(
                        ProblemCode.INVALID_REQUEST,
                        "The request asks for what is not known here: a method, a transfer encoding, or a version of HTTP.");
            case 503 ->
                Problem.of(ProblemCode.UNAVAILABLE, "The gateway cannot answer now. Try again.")
                        .retryAfter(5);
            case 500, 502, 504 ->
                Problem.of(
                        ProblemCode.INTERNAL_ERROR,
                        "The gateway failed where it should not; its log says why. Nothing of this request was kept.");
            // Also 501 and 505, by which Tomcat tells of a transfer encoding or protocol version that it does not know.
            default ->
                Problem.of(
                        ProblemCode.INVALID_REQUEST,
                        "The request cannot be understood: its path, query, framing or a header is malformed.");
        };
    }
}
