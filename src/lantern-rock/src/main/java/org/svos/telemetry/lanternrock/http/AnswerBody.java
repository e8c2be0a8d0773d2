package org.svos.telemetry.lanternrock.http;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Keeps the beginning of an answer's body; whatever its length, it takes no more memory than that. */
final class AnswerBody implements BodySubscriber<String> {

    static final int KEPT_BYTES = 4 * 1024;

    /** Longer answers are cut off with their connection. */
    private static final long READ_BYTES = 1024 * 1024;

    private final CompletableFuture<String> body = new CompletableFuture<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long read;
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<String> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            read += buffer.remaining();
            byte[] part = new byte[Math.min(buffer.remaining(), KEPT_BYTES - kept.size())];
            buffer.get(part);
            kept.writeBytes(part);
        }
        if (read > READ_BYTES && subscription != null) {
            subscription.cancel();
            onComplete();
        }
    }

    @Override
    public void onError(Throwable fault) {
        // The status has come and decides; a body that breaks off changes nothing.
        onComplete();
    }

    @Override
    public void onComplete() {
        // No store keeps a NUL in a text.
        body.complete(kept.toString(StandardCharsets.UTF_8).replace('\0', '\ufffd'));
    }
}
