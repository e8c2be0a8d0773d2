package org.svos.telemetry.lanternrock.http;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Keeps the beginning of an answer's body; whatever its length, it takes no more memory than that. */
final class AnswerBody implements BodySubscriber<AnswerBody.Start> {

    static final int KEPT_BYTES = 64 * 1024;

    /** A longer answer is cut off, and its connection with it; up to here the connection is worth the reading. */
    private static final long READ_BYTES = 1024 * 1024;

    private final CompletableFuture<Start> body = new CompletableFuture<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long read;
    private Flow.@Nullable Subscription subscription;

    /** What was kept of it, and whether that is all. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Start(byte[] bytes, boolean isWhole) {}

    @Override
    public CompletionStage<Start> getBody() {
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
            complete(false);
        }
    }

    /** It broke off. The status has come, and what is told by it alone holds. */
    @Override
    public void onError(Throwable fault) {
        complete(false);
    }

    @Override
    public void onComplete() {
        complete(read == kept.size());
    }

    private void complete(boolean isWhole) {
        body.complete(new Start(kept.toByteArray(), isWhole));
    }
}
