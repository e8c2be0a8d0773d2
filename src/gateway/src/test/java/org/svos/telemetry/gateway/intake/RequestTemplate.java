package org.svos.telemetry.gateway.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.svos.telemetry.gateway.intake.IntakeServer.Tenant;

/**
 * Requests as a fuzzer can change them without losing their form: bytes as they go over the connection, but for
 *
 * <pre>
 * {{token}} {{sandbox}}   those of the tenant
 * {{key}}                 a new one each time
 * {{length}}              of the body, as it is sent
 * {{gzip}} {{zstd}}       packs the rest of the body
 * {{chunked}}             puts the rest of the body into chunks
 * {{many}}                repeats the rest of the body some hundred times
 * {{next}}                another request, on the same connection
 * </pre>
 */
final class RequestTemplate {

    private static final String HEAD_END = "\r\n\r\n";
    private static final int MANY = 300;
    private static final int MOST = 256 * 1024;

    private static final AtomicLong KEYS = new AtomicLong();

    private final Tenant tenant;

    RequestTemplate(Tenant tenant) {
        this.tenant = tenant;
    }

    /** What goes over the connection. */
    byte[] filledIn(byte[] template) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String request : new String(template, ISO_8859_1).split("\\{\\{next}}", -1)) {
            all.append(request(request));
        }
        return all.toString().getBytes(ISO_8859_1);
    }

    private String request(String template) throws IOException {
        int headEnd = template.indexOf(HEAD_END);
        int bodyAt = headEnd < 0 ? template.length() : headEnd + HEAD_END.length();
        String body = body(template.substring(bodyAt));
        return template.substring(0, bodyAt)
                        .replace("{{token}}", tenant.token())
                        .replace("{{sandbox}}", tenant.sandbox())
                        .replace("{{key}}", "fuzz-" + KEYS.incrementAndGet())
                        .replace("{{length}}", Integer.toString(body.length()))
                + body;
    }

    private static String body(String template) throws IOException {
        int at = template.indexOf("{{");
        int end = at < 0 ? -1 : template.indexOf("}}", at);
        if (end < 0) {
            return template;
        }
        String rest = template.substring(end + 2);
        return switch (template.substring(at, end + 2)) {
            case "{{gzip}}" -> template.substring(0, at) + gzip(body(rest));
            case "{{zstd}}" ->
                template.substring(0, at) + latin1(Zstd.compress(body(rest).getBytes(ISO_8859_1)));
            case "{{chunked}}" -> template.substring(0, at) + chunks(body(rest));
            case "{{many}}" -> {
                String one = body(rest);
                yield template.substring(0, at) + one.repeat(Math.min(MANY, MOST / (one.length() + 1) + 1));
            }
            default -> template.substring(0, end) + body(template.substring(end));
        };
    }

    private static String chunks(String body) {
        StringBuilder chunks = new StringBuilder();
        int size = 1;
        for (int at = 0; at < body.length(); at += size, size = size * 5 + 2) {
            String chunk = body.substring(at, Math.min(at + size, body.length()));
            chunks.append(Integer.toHexString(chunk.length()))
                    .append("\r\n")
                    .append(chunk)
                    .append("\r\n");
        }
        return chunks.append("0\r\n\r\n").toString();
    }

    private static String gzip(String plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain.getBytes(ISO_8859_1));
        }
        return latin1(packed.toByteArray());
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
