package org.svos.telemetry.loader.upload;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Carries posts to the gateway. */
interface Carrier {

    int MOST_ANSWER_BYTES = 4 * 1024 * 1024;

    /**
     * Posts a body and waits for the answer. Interrupting who waits ends the post.
     *
     * @param headers all but those of the connection
     */
    Reply post(URI to, Map<String, String> headers, byte[] body) throws IOException, InterruptedException;

    /** No posts come any more; those under way are ended. */
    void close();

    /**
     * What was answered.
     *
     * @param retryAfter the header of that name, null without one
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
    record Reply(int status, @Nullable String retryAfter, byte[] body) {}

    /** The whole of an answer's body, which is not endless. */
    static byte[] read(InputStream in) throws IOException {
        byte[] body = in.readNBytes(MOST_ANSWER_BYTES + 1);
        if (body.length > MOST_ANSWER_BYTES) {
            throw new IOException("its answer is longer than " + MOST_ANSWER_BYTES + " bytes");
        }
        return body;
    }
}
