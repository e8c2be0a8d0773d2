package org.svos.telemetry.lanternrock.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * Posts to one address, with its credentials, and says what the answer comes to: what all protocols over HTTP share.
 *
 * <p>The time-out covers the whole exchange, the answer's body included: the client's own ends with the answer's headers.
 *
 * <p>Credentials and keys may be replaced while it runs. A token that is answered with 401 is read again, and if the file has
 * another one by now, that one is tried at once. Keys and trust come with new connections; what is under way ends on the old ones.
 */
public final class HttpSender implements AutoCloseable {

    private static final int UNAUTHORIZED = 401;

    /** What a dead letter has room for. */
    private static final int WORDS = 4 * 1024;

    private final HttpSettings settings;
    private final @Nullable Supplier<Tls> tls;
    private final InstantSource clock;
    private final Supplier<@Nullable String> traceparent;
    private final @Nullable TokenFile token;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Client client;

    /** A client, and the keys and trust that it was made with. */
    private record Client(@Nullable Tls tls, HttpClient http) {}

    /**
     * A sender to the settings' address.
     *
     * @param tls the keys and trust of the moment, asked before each request; null for what the JDK trusts
     * @param traceparent W3C's, of what the calling thread is about, asked on it and sent with the request; it gives null for none
     */
    public HttpSender(
            HttpSettings settings,
            @Nullable Supplier<Tls> tls,
            InstantSource clock,
            Supplier<@Nullable String> traceparent) {
        this.settings = settings;
        this.tls = tls;
        this.clock = clock;
        this.traceparent = traceparent;
        this.token = settings.tokenFile() == null ? null : new TokenFile(settings.tokenFile());
        this.client = connect(tls == null ? null : tls.get());
    }

    /**
     * Posts a body to a path below the address, and waits for the answer.
     *
     * @param path begins with a slash, and needs no escaping
     * @param headers of the protocol's own: names and values in turn
     * @throws InterruptedException if the caller is to stop
     */
    public Receipt post(String path, byte[] body, Protocol protocol, String... headers) throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(settings.base(path)).headers(headers).POST(BodyPublishers.ofByteArray(body));
        String trace = traceparent.get();
        if (trace != null) {
            request.setHeader("traceparent", trace);
        }
        if (token == null) {
            return receipt(send(request), protocol, null);
        }
        try {
            String sent = token.token();
            Sent first = send(request.setHeader("Authorization", "Bearer " + sent));
            if (first instanceof Came came && came.answer.status() == UNAUTHORIZED) {
                String now = token.tokenReadAgain();
                if (!now.equals(sent)) {
                    return receipt(send(request.setHeader("Authorization", "Bearer " + now)), protocol, now);
                }
            }
            return receipt(first, protocol, sent);
        } catch (IOException e) {
            return new Receipt.Retry(e.getMessage() == null ? e.toString() : e.getMessage(), null);
        }
    }

    /** What became of a request. */
    private sealed interface Sent {}

    /** An answer came, with this {@code Retry-After}. */
    private record Came(Answer answer, @Nullable String retryAfter) implements Sent {}

    /** None came, for this reason. */
    private record Failed(String why) implements Sent {}

    private Sent send(HttpRequest.Builder request) throws InterruptedException {
        CompletableFuture<HttpResponse<AnswerBody.Start>> exchange =
                http().sendAsync(request.build(), answer -> new AnswerBody());
        try {
            return came(exchange.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return new Failed("no answer from " + settings.url() + " within " + settings.timeout());
        } catch (ExecutionException e) {
            return new Failed(fault(e.getCause()));
        } finally {
            // Does nothing to one that has ended; closes the connection of one that has not.
            exchange.cancel(true);
        }
    }

    private static Sent came(HttpResponse<AnswerBody.Start> answer) {
        String type = Answer.type(answer.headers().firstValue("Content-Type").orElse(""));
        AnswerBody.Start body = answer.body();
        return new Came(
                new Answer(answer.statusCode(), type, body.bytes(), body.isWhole()),
                answer.headers().firstValue("Retry-After").orElse(null));
    }

    private Receipt receipt(Sent sent, Protocol protocol, @Nullable String secret) {
        return switch (sent) {
            case Failed(String why) -> new Receipt.Retry(shown(why, secret), null);
            case Came(Answer answer, String retryAfter) -> receipt(answer, retryAfter, protocol, secret);
        };
    }

    private Receipt receipt(Answer answer, @Nullable String retryAfter, Protocol protocol, @Nullable String secret) {
        int status = answer.status();
        if (status / 100 == 2) {
            return shown(protocol.taken(answer), secret);
        }
        String words = shown(protocol.words(answer), secret);
        return switch (status) {
            case UNAUTHORIZED, 403, 404 -> new Receipt.Parked(status, words);
            case 408, 429 -> retry(status, retryAfter);
            default ->
                switch (status / 100) {
                    case 3 -> new Receipt.Parked(status, words);
                    case 4 -> new Receipt.Refused(status, words);
                    default -> retry(status, retryAfter);
                };
        };
    }

    private Receipt retry(int status, @Nullable String retryAfter) {
        return new Receipt.Retry("status " + status, retryAfter == null ? null : RetryAfter.parse(retryAfter, clock));
    }

    private static Receipt shown(Receipt receipt, @Nullable String secret) {
        return switch (receipt) {
            case Receipt.Delivered delivered -> delivered;
            case Receipt.Retry retry -> new Receipt.Retry(shown(retry.why(), secret), retry.after());
            case Receipt.Parked parked -> new Receipt.Parked(parked.status(), shown(parked.answer(), secret));
            case Receipt.Refused refused -> new Receipt.Refused(refused.status(), shown(refused.answer(), secret));
            case Receipt.KeptInPart part ->
                new Receipt.KeptInPart(part.rejected(), part.status(), shown(part.answer(), secret));
        };
    }

    /** Words that may be logged and kept: bounded, without a NUL, which no store keeps in a text, and without the token. */
    private static String shown(String words, @Nullable String secret) {
        String clean = words.replace('\0', '\ufffd');
        if (secret != null) {
            // Some servers show the request in their answer.
            clean = clean.replace(secret, "<token>");
        }
        return clean.length() <= WORDS ? clean : clean.substring(0, WORDS);
    }

    /** The fault in words, with the address: it is what a person needs to mend it. */
    private String fault(@Nullable Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return "no TLS with " + settings.url() + detail(cause) + "; keys and trust are "
                        + (client.tls == null ? "the JDK's" : "those of " + client.tls.origin());
            }
        }
        return switch (fault) {
            case HttpConnectTimeoutException e ->
                "no connection to " + settings.url() + " within " + settings.connectTimeout();
            case ConnectException e -> "cannot connect to " + settings.url() + detail(e);
            case null -> "an unknown fault towards " + settings.url();
            default -> fault.getClass().getSimpleName() + " towards " + settings.url() + detail(fault);
        };
    }

    private static String detail(Throwable fault) {
        return fault.getMessage() == null ? "" : ": " + fault.getMessage();
    }

    /** The client of the moment: another one when keys and trust are others. */
    private HttpClient http() {
        Client last = client;
        Tls now = tls == null ? null : tls.get();
        return last.tls == now ? last.http : connectAnew(now);
    }

    private synchronized HttpClient connectAnew(@Nullable Tls now) {
        Client last = client;
        if (last.tls != now) {
            client = connect(now);
            // By then all that was sent with it has its answer, or none.
            CompletableFuture.delayedExecutor(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)
                    .execute(last.http::shutdown);
        }
        return client.http;
    }

    private Client connect(@Nullable Tls now) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .connectTimeout(settings.connectTimeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                // HTTP/2 where TLS offers it. In the clear, the upgrade would ride on a POST.
                .version(
                        "https".equalsIgnoreCase(settings.url().getScheme())
                                ? HttpClient.Version.HTTP_2
                                : HttpClient.Version.HTTP_1_1)
                .executor(threads);
        if (now != null) {
            builder.sslContext(now.context()).sslParameters(now.parameters());
        }
        return new Client(now, builder.build());
    }

    @Override
    public void close() {
        client.http.shutdownNow();
        threads.close();
    }
}
