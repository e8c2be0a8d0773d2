package org.svos.telemetry.loader.upload;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.spool.SpooledBatch;

/** Posts batches as the contract has it. */
final class GatewayClient implements AutoCloseable {

    private static final int MOST_ANSWER_BYTES = 4 * 1024 * 1024;

    private final Config.Gateway gateway;
    private final Token token;
    private final String agent;
    private final HttpClient http;
    private final AnswerReader answers = new AnswerReader(Clock.systemUTC());

    GatewayClient(Config.Gateway gateway, Token token, String version) {
        this.gateway = gateway;
        this.token = token;
        this.agent = "svos-kernel-telemetry-host/" + version;
        boolean secure = "https".equals(gateway.url().getScheme());
        this.http = HttpClient.newBuilder()
                .connectTimeout(gateway.connectTimeout())
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                // Without TLS, HTTP/2 would be asked for by an upgrade of the first post.
                .version(secure ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** Posts a batch and waits for the answer. A token that was replaced meanwhile is tried at once. */
    Answer post(SpooledBatch batch) throws InterruptedException {
        String used = token.value();
        Answer answer = post(batch, used);
        if (answer instanceof Answer.Unauthenticated && token.isReplaced(used)) {
            return post(batch, token.value());
        }
        return answer;
    }

    private Answer post(SpooledBatch batch, @Nullable String used) throws InterruptedException {
        if (used == null) {
            return new Answer.Unauthenticated("no token can be read from " + token.file() + " (setting token.file)");
        }
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(gateway.url() + "/api/v1/sandboxes/" + batch.sandbox() + "/batches"))
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "zstd")
                .header("Authorization", "Bearer " + used)
                .header("Idempotency-Key", "\"" + batch.key() + "\"")
                .header("User-Agent", agent)
                .POST(HttpRequest.BodyPublishers.ofByteArray(batch.body()))
                .build();
        CompletableFuture<HttpResponse<byte[]>> exchange =
                http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_ANSWER_BYTES));
        try {
            // The client's own time-out ends with the answer's headers; this one covers its body too.
            HttpResponse<byte[]> response =
                    exchange.get(gateway.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
            return answers.read(response.statusCode(), response.headers(), response.body(), batch.events());
        } catch (TimeoutException e) {
            return new Answer.Later(
                    gateway.url() + " did not answer within " + gateway.requestTimeout()
                            + " (setting gateway.requestTimeout)",
                    null);
        } catch (ExecutionException e) {
            return new Answer.Later(gateway.url() + " cannot be reached (setting gateway.url): " + cause(e), null);
        } finally {
            // Does nothing to one that has ended; closes the connection of one that has not.
            exchange.cancel(true);
        }
    }

    /** The first in the chain of causes that has a message: the client wraps what the network said. */
    private static String cause(ExecutionException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                return cause.getClass().getSimpleName() + ": " + cause.getMessage();
            }
        }
        return e.getCause() instanceof ConnectException ? "connection refused" : String.valueOf(e.getCause());
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
