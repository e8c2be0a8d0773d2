package org.svos.telemetry.gateway.problem;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * A refusal or fault as RFC 9457 tells it, with the headers that belong to it:
 *
 * <pre>{"type": "tag:svos.org,2026:kernel-telemetry/problem/not-found",
 *  "title": "There is nothing here", "status": 404, "detail": "…", "code": "not-found", …members}</pre>
 *
 * @param detail for a person: what was wrong, where, and what to do; never a secret, never a stack trace
 * @param members extension members: strings, numbers, booleans, lists and maps of these
 * @param headers of the answer, such as {@code Retry-After}
 */
public record Problem(ProblemCode code, String detail, Map<String, Object> members, Map<String, String> headers) {

    public static final String MEDIA_TYPE = "application/problem+json";

    /** A tag URI (RFC 4151): an identifier that needs no server behind it. */
    private static final String TYPE_PREFIX = "tag:svos.org,2026:kernel-telemetry/problem/";

    /** A member a line, as it is read by people with curl or a browser. */
    private static final ObjectWriter JSON = JsonMapper.shared().writerWithDefaultPrettyPrinter();

    public static Problem of(ProblemCode code, String detail) {
        return new Problem(code, detail, Map.of(), Map.of());
    }

    /** The same with one more extension member. */
    public Problem with(String name, Object value) {
        return new Problem(code, detail, plus(members, name, value), headers);
    }

    /** The same with one more header. */
    public Problem withHeader(String name, String value) {
        return new Problem(code, detail, members, plus(headers, name, value));
    }

    /** The same with a {@code Retry-After}, in whole seconds. */
    public Problem retryAfter(long seconds) {
        return withHeader("Retry-After", Long.toString(seconds));
    }

    /** The document, in UTF-8. */
    public byte[] toJson() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", TYPE_PREFIX + code.wireName());
        document.put("title", code.title());
        document.put("status", code.status());
        document.put("detail", detail);
        document.put("code", code.wireName());
        document.putAll(members);
        return JSON.writeValueAsBytes(document);
    }

    /** Makes it the answer: the one place where a problem is written. Headers already set stay. */
    public void writeTo(HttpServletResponse response) throws IOException {
        byte[] body = toJson();
        response.setStatus(code.status());
        headers.forEach(response::setHeader);
        response.setContentType(MEDIA_TYPE);
        // Without its length, which would send it off at its last byte: the server looks at it once more, and adds the
        // length.
        response.getOutputStream().write(body);
    }

    private static <V> Map<String, V> plus(Map<String, V> map, String name, V value) {
        Map<String, V> more = new LinkedHashMap<>(map);
        more.put(name, value);
        return more;
    }
}
