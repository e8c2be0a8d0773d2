package org.svos.telemetry.gateway.admission;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Rejection;

/**
 * The rejected events of an answer, as they are kept with its key to be told again: a line for each,
 *
 * <pre>
 * index SP code SP detail LF
 * </pre>
 *
 * with {@code \n} for a line feed and {@code \\} for a backslash in the detail.
 */
final class Rejections {

    private Rejections() {}

    static @Nullable String write(List<Rejection> rejected) {
        if (rejected.isEmpty()) {
            return null;
        }
        StringBuilder lines = new StringBuilder(rejected.size() * 64);
        for (Rejection rejection : rejected) {
            lines.append(rejection.index())
                    .append(' ')
                    .append(rejection.code().wireName())
                    .append(' ')
                    .append(rejection.detail().replace("\\", "\\\\").replace("\n", "\\n"))
                    .append('\n');
        }
        return lines.toString();
    }

    static List<Rejection> read(@Nullable String lines) {
        List<Rejection> rejected = new ArrayList<>();
        int at = 0;
        while (lines != null && at < lines.length()) {
            int index = lines.indexOf(' ', at);
            int code = lines.indexOf(' ', index + 1);
            int end = lines.indexOf('\n', code + 1);
            rejected.add(new Rejection(
                    Integer.parseInt(lines, at, index, 10),
                    code(lines.substring(index + 1, code)),
                    unescaped(lines.substring(code + 1, end))));
            at = end + 1;
        }
        return List.copyOf(rejected);
    }

    private static Rejection.Code code(String wireName) {
        for (Rejection.Code code : Rejection.Code.values()) {
            if (code.wireName().equals(wireName)) {
                return code;
            }
        }
        throw new IllegalStateException("no code of rejection: " + wireName);
    }

    private static String unescaped(String detail) {
        if (detail.indexOf('\\') < 0) {
            return detail;
        }
        StringBuilder text = new StringBuilder(detail.length());
        for (int i = 0; i < detail.length(); i++) {
            char c = detail.charAt(i);
            if (c == '\\') {
                i++;
                text.append(detail.charAt(i) == 'n' ? '\n' : '\\');
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
