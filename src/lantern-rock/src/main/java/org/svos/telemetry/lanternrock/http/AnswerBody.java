package org.svos.telemetry.lanternrock.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The beginning of an answer's body; whatever its length, it takes no more memory than that.
 *
 * @param isWhole whether that is all of it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record AnswerBody(byte[] bytes, boolean isWhole) {

    static final int KEPT_BYTES = 64 * 1024;

    /** A longer answer is cut off, and its connection with it; up to here the connection is worth the reading. */
    private static final long READ_BYTES = 1024 * 1024;

    private static final int AT_ONCE = 8 * 1024;
    private static final AnswerBody NONE = new AnswerBody(new byte[0], true);

    static AnswerBody none() {
        return NONE;
    }

    /**
     * Reads a body to its end, or as far as it is worth it.
     *
     * @param cutOff what is done about the rest of one that is too long
     */
    static AnswerBody read(InputStream body, Runnable cutOff) {
        var kept = new ByteArrayOutputStream(0);
        long read = 0;
        try {
            byte[] buffer = new byte[AT_ONCE];
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                read += n;
                kept.write(buffer, 0, Math.min(n, KEPT_BYTES - kept.size()));
                if (read > READ_BYTES) {
                    cutOff.run();
                    return new AnswerBody(kept.toByteArray(), false);
                }
            }
        } catch (IOException e) {
            // It broke off. The status has come, and what is told by it alone holds.
            cutOff.run();
            return new AnswerBody(kept.toByteArray(), false);
        }
        return new AnswerBody(kept.toByteArray(), read == kept.size());
    }
}
