package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last of what libbpf says, the verifier's log among it, for the report of an error. An instance must stay
 * strongly referenced as long as libbpf may print.
 */
final class LibbpfLog implements LibBpf.Print {

    private static final int WARNING = 0;
    private static final int KEPT_CHARACTERS = 16 * 1024;
    private static final int LINE_BYTES = 8 * 1024;

    private final Memory line = new Memory(LINE_BYTES);
    private final Deque<String> lines = new ArrayDeque<>();
    private int characters;

    @Override
    public synchronized int print(int level, @Nullable Pointer format, @Nullable Pointer arguments) {
        // An exception must not cross the native frame that called this.
        try {
            if (level > WARNING || format == null || arguments == null) {
                return 0;
            }
            int length = LibC.vsnprintf(line, LINE_BYTES, format, arguments);
            keep(line.getString(0, StandardCharsets.UTF_8.name()).stripTrailing());
            return length;
        } catch (RuntimeException | Error e) {
            return 0;
        }
    }

    private void keep(String text) {
        lines.addLast(text);
        characters += text.length();
        while (characters > KEPT_CHARACTERS && lines.size() > 1) {
            characters -= lines.removeFirst().length();
        }
    }

    /** What was said since the last call, a line each. */
    synchronized String drain() {
        String all = String.join("\n", lines);
        lines.clear();
        characters = 0;
        return all;
    }
}
