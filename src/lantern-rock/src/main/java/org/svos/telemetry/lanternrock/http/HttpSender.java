package org.svos.telemetry.lanternrock.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Receipt;

/**
 * Posts to one address, with its credentials, and says what the answer comes to: what all protocols over HTTP share.
 *
 * <p>An exchange is done by the thread that asks for it, a virtual one as a rule, which an interrupt takes from its socket; for
 * another one a virtual thread does it. The time-out covers the whole exchange, the answer's body included: a watch closes the
 * connection then.
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
    private final ScheduledThreadPoolExecutor watch;
    private volatile Client client;

    /** A client, and the keys and trust that it was made with. */
    private record Client(@Nullable Tls tls, CloseableHttpClient http) {}

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
        this.watch = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("lantern-rock-watch").factory());
        this.watch.setRemoveOnCancelPolicy(true);
        this.client = connect(tls == null ? null : tls.get());
    }

    /**
     * Posts a body to a path below the address, and waits for the answer.
     *
     * @param database whose records are in it, for the tenant's header
     * @param path begins with a slash, and needs no escaping
     * @param headers of the protocol's own: names and values in turn
     * @throws InterruptedException if the caller is to stop
     */
    public Receipt post(String database, String path, byte[] body, Protocol protocol, String... headers)
            throws InterruptedException {
        var message = new Message(database, path, body, headers);
        if (token == null) {
            return receipt(send(message, null), protocol, null);
        }
        try {
            String sent = token.token();
            Sent first = send(message, sent);
            if (first instanceof Came came && came.answer.status() == UNAUTHORIZED) {
                String now = token.tokenReadAgain();
                if (!now.equals(sent)) {
                    return receipt(send(message, now), protocol, now);
                }
            }
            return receipt(first, protocol, sent);
        } catch (IOException e) {
            return new Receipt.Retry(e.getMessage() == null ? e.toString() : e.getMessage(), null);
        }
    }

    /** What is sent, but for the credentials. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Message(String database, String path, byte[] body, String[] headers) {}

    /** What became of a request. */
    private sealed interface Sent {}

    /** An answer came, with this {@code Retry-After}. */
    private record Came(Answer answer, @Nullable String retryAfter) implements Sent {}

    /** None came, for this reason. */
    private record Failed(String why) implements Sent {}

    private Sent send(Message message, @Nullable String secret) throws InterruptedException {
        var request = new HttpPost(settings.base(message.path));
        for (int i = 0; i < message.headers.length; i += 2) {
            request.setHeader(message.headers[i], message.headers[i + 1]);
        }
        String trace = traceparent.get();
        if (trace != null) {
            request.setHeader("traceparent", trace);
        }
        if (settings.tenant() != null) {
            request.setHeader(settings.tenant().header(), settings.tenant().of(message.database));
        }
        if (secret != null) {
            request.setHeader("Authorization", "Bearer " + secret);
        }
        request.setEntity(new ByteArrayEntity(message.body, null));
        return Thread.currentThread().isVirtual() ? exchange(request) : exchangeBeside(request);
    }

    private Sent exchangeBeside(HttpPost request) throws InterruptedException {
        var exchange = new FutureTask<>(() -> exchange(request));
        Thread.ofVirtual().name("lantern-rock").start(exchange);
        try {
            return exchange.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            // Does nothing to one that has ended.
            exchange.cancel(true);
        }
    }

    private Sent exchange(HttpPost request) throws InterruptedException {
        var isLate = new AtomicBoolean();
        Future<?> watched = watch.schedule(
                () -> {
                    isLate.set(true);
                    request.abort();
                },
                settings.timeout().toNanos(),
                TimeUnit.NANOSECONDS);
        var context = HttpClientContext.create();
        try {
            Sent sent = http().execute(request, context, answer -> came(request, answer));
            return isLate.get() ? late() : sent;
        } catch (IOException | RuntimeException e) {
            // A thread that is interrupted finds its connection closed.
            if (Thread.interrupted()) {
                throw (InterruptedException) new InterruptedException("while Lantern Rock was waited for").initCause(e);
            }
            if (e instanceof RuntimeException fault && !isLate.get()) {
                throw fault;
            }
            return isLate.get() ? late() : new Failed(fault(e, Connections.isSecured(context)));
        } finally {
            watched.cancel(false);
        }
    }

    private Sent late() {
        return new Failed("no answer from " + settings.url() + " within " + settings.timeout());
    }

    private static Sent came(HttpPost request, ClassicHttpResponse answer) throws IOException {
        HttpEntity entity = answer.getEntity();
        AnswerBody body = entity == null ? AnswerBody.none() : AnswerBody.read(entity.getContent(), request::abort);
        Header type = answer.getFirstHeader("Content-Type");
        Header retryAfter = answer.getFirstHeader("Retry-After");
        return new Came(
                new Answer(
                        answer.getCode(),
                        Answer.type(type == null ? "" : type.getValue()),
                        body.bytes(),
                        body.isWhole()),
                retryAfter == null ? null : retryAfter.getValue());
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
    private String fault(@Nullable Throwable fault, boolean isNewlySecured) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return withoutTls(detail(cause));
            }
        }
        if (isNewlySecured && fault instanceof SocketException) {
            // By TLS 1.3 a server says what it has against a certificate when the request is on its way already.
            return withoutTls(": it closed the new connection" + detail(fault)
                    + ", as a server does that does not accept the" + " certificate shown, or misses one");
        }
        return switch (fault) {
            case ConnectTimeoutException _ ->
                "no connection to " + settings.url() + " within " + settings.connectTimeout();
            case ConnectException e -> "cannot connect to " + settings.url() + detail(e);
            case UnknownHostException e -> "cannot connect to " + settings.url() + ": unknown host" + detail(e);
            case null -> "an unknown fault towards " + settings.url();
            default -> fault.getClass().getSimpleName() + " towards " + settings.url() + detail(fault);
        };
    }

    private String withoutTls(String why) {
        return "no TLS with " + settings.url() + why + "; keys and trust are "
                + (client.tls == null ? "the JDK's" : "those of " + client.tls.origin());
    }

    private static String detail(Throwable fault) {
        return fault.getMessage() == null ? "" : ": " + fault.getMessage();
    }

    /** The client of the moment: another one when keys and trust are others. */
    private CloseableHttpClient http() {
        Client last = client;
        Tls now = tls == null ? null : tls.get();
        return last.tls == now ? last.http : connectAnew(now);
    }

    private synchronized CloseableHttpClient connectAnew(@Nullable Tls now) {
        Client last = client;
        if (last.tls != now) {
            client = connect(now);
            // By then all that was sent with it has its answer, or none.
            CompletableFuture.delayedExecutor(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> last.http.close(CloseMode.GRACEFUL));
        }
        return client.http;
    }

    private Client connect(@Nullable Tls now) {
        return new Client(now, Connections.client(now, settings));
    }

    @Override
    public void close() {
        watch.shutdownNow();
        client.http.close(CloseMode.IMMEDIATE);
    }
}
