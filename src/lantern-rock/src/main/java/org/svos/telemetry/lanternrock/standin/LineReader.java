package org.svos.telemetry.lanternrock.standin;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Lines of bytes, and where each ends. */
final class LineReader {

    private final BufferedInputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long position;
    private boolean ended = true;

    LineReader(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 16);
    }

    /** The next line without its end, or null after the last. */
    byte @Nullable [] next() throws IOException {
        line.reset();
        for (int b = in.read(); b >= 0; b = in.read()) {
            position++;
            if (b == '\n') {
                return line.toByteArray();
            }
            line.write(b);
        }
        ended = false;
        return line.size() == 0 ? null : line.toByteArray();
    }

    /** Whether the line that {@link #next()} gave has its end: the last one of a torn file has not. */
    boolean ended() {
        return ended;
    }

    /** Bytes read so far: after {@link #next()}, where the line ends. */
    long position() {
        return position;
    }
}
