package org.svos.telemetry.lanternrock.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.DeliveryJson;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * The port over HTTP: {@code POST {base}/v1/databases/{database}/records}.
 *
 * <p>The time-out covers the whole exchange, the answer's body included: the client's own ends with the answer's headers.
 */
public final class HttpLanternRock implements LanternRock, AutoCloseable {

    private final HttpSettings settings;
    private final @Nullable TokenFile token;
    private final InstantSource clock;
    private final String base;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;

    public HttpLanternRock(HttpSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.token = settings.tokenFile() == null ? null : new TokenFile(settings.tokenFile());
        this.base = settings.url().toString().replaceAll("/+$", "") + "/v1/databases/";
        this.client = HttpClient.newBuilder()
                .connectTimeout(settings.connectTimeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                // HTTP/2 where TLS offers it. In the clear, the upgrade would ride on a POST.
                .version(
                        "https".equalsIgnoreCase(settings.url().getScheme())
                                ? HttpClient.Version.HTTP_2
                                : HttpClient.Version.HTTP_1_1)
                .executor(threads)
                .build();
    }

    @Override
    public Receipt deliver(Delivery delivery) throws InterruptedException {
        HttpRequest request;
        try {
            request = request(delivery);
        } catch (IOException e) {
            return new Receipt.Retry(fault(e), null);
        }
        CompletableFuture<HttpResponse<String>> exchange = client.sendAsync(request, answer -> new AnswerBody());
        try {
            return receipt(exchange.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return new Receipt.Retry("no answer within " + settings.timeout(), null);
        } catch (ExecutionException e) {
            return new Receipt.Retry(fault(e.getCause()), null);
        } finally {
            // Does nothing to one that has ended; closes the connection of one that has not.
            exchange.cancel(true);
        }
    }

    private HttpRequest request(Delivery delivery) throws IOException {
        // Names of databases and keys come checked: they need no escaping in a path or a header.
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + delivery.database() + "/records"))
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .header("Idempotency-Key", '"' + delivery.idempotencyKey() + '"')
                .POST(BodyPublishers.ofByteArray(DeliveryJson.write(delivery)));
        if (token != null) {
            request.header("Authorization", token.authorization());
        }
        return request.build();
    }

    private Receipt receipt(HttpResponse<String> answer) {
        int status = answer.statusCode();
        if (status / 100 == 2) {
            return new Receipt.Delivered();
        }
        return switch (status) {
            case 401, 403, 404 -> new Receipt.Parked(status, answer.body());
            case 408, 429 -> retry(answer);
            default ->
                switch (status / 100) {
                    case 3 -> new Receipt.Parked(status, answer.body());
                    case 4 -> new Receipt.Refused(status, answer.body());
                    default -> retry(answer);
                };
        };
    }

    private Receipt retry(HttpResponse<String> answer) {
        return new Receipt.Retry(
                "status " + answer.statusCode(),
                answer.headers()
                        .firstValue("Retry-After")
                        .map(value -> RetryAfter.parse(value, clock))
                        .orElse(null));
    }

    /** The fault in words, with the address: it is what a person needs to mend it. */
    private String fault(@Nullable Throwable fault) {
        return switch (fault) {
            case ConnectException e -> "cannot connect to " + settings.url() + detail(e);
            case HttpTimeoutException e ->
                "no connection to " + settings.url() + " within " + settings.connectTimeout();
            case null -> "an unknown fault towards " + settings.url();
            default -> fault.getClass().getSimpleName() + " towards " + settings.url() + detail(fault);
        };
    }

    private static String detail(Throwable fault) {
        return fault.getMessage() == null ? "" : ": " + fault.getMessage();
    }

    @Override
    public void close() {
        client.shutdownNow();
        threads.close();
    }
}
