package org.svos.telemetry.loader.upload;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.config.Config;
import org.svos.telemetry.loader.spool.SpooledBatch;

/** Posts batches as the contract has it. */
final class GatewayClient {

    private final Config.Gateway gateway;
    private final Token token;
    private final String agent;
    private final Carrier carrier;
    private final AnswerReader answers;

    GatewayClient(Config.Gateway gateway, Token token, String version) {
        this.gateway = gateway;
        this.token = token;
        this.agent = "svos-kernel-telemetry-host/" + version;
        this.answers = new AnswerReader(Clock.systemUTC(), gateway.url());
        // What is offered is told by TLS. Without it, HTTP/1.1 takes less.
        this.carrier =
                gateway.http2() && "https".equals(gateway.url().getScheme()) ? new Http2(gateway) : new Http1(gateway);
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
        // On a thread of its own: the client's time-out is one of each read, and an interrupt closes the connection.
        FutureTask<Answer> exchange = new FutureTask<>(() -> exchange(batch, used));
        Thread.ofVirtual().name("post").start(exchange);
        try {
            return exchange.get(gateway.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Answer.Later(
                    gateway.url() + " did not answer within "
                            + gateway.requestTimeout().toMillis() + " ms (setting gateway.requestTimeout)",
                    null);
        } catch (ExecutionException e) {
            String why = e.getCause() instanceof GatewayTls.Fault fault
                    ? fault.said
                    : gateway.url() + failure(e) + " (" + setting(e) + "): " + cause(e);
            return new Answer.Later(why, null);
        } finally {
            // Does nothing to one that has ended.
            exchange.cancel(true);
        }
    }

    private Answer exchange(SpooledBatch batch, String used) throws IOException, InterruptedException {
        URI to = URI.create(gateway.url() + "/api/v1/sandboxes/" + batch.sandbox() + "/batches");
        Carrier.Reply reply = carrier.post(
                to,
                Map.of(
                        "Content-Type",
                        "application/json",
                        "Content-Encoding",
                        "zstd",
                        "Accept",
                        "application/json, application/problem+json",
                        "Authorization",
                        "Bearer " + used,
                        "Idempotency-Key",
                        "\"" + batch.key() + "\"",
                        "User-Agent",
                        agent),
                batch.body());
        return answers.read(reply.status(), reply.retryAfter(), reply.body(), batch.events());
    }

    /** Nothing is posted any more; what is under way is ended. */
    void close() {
        carrier.close();
    }

    /** What went wrong between the two, for somebody who has to find out where. */
    private static String failure(ExecutionException e) {
        if (isUntrusted(e)) {
            return " shows a certificate that is not trusted";
        }
        return switch (e.getCause()) {
            case ConnectException ignored -> " cannot be reached";
            case NoRouteToHostException ignored -> " cannot be reached";
            case UnknownHostException ignored -> " cannot be reached";
            case SocketTimeoutException ignored -> " cannot be reached";
            case SSLException ignored -> " cannot be spoken to";
            case SocketException ignored -> " broke off in the middle of a post";
            case EOFException ignored -> " broke off in the middle of a post";
            case null, default -> " does not answer as a gateway does";
        };
    }

    /** Whether this side found fault with the certificate: who signed it, or whose it is. */
    private static boolean isUntrusted(ExecutionException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    /** The settings to look at. */
    private String setting(ExecutionException e) {
        if (isUntrusted(e)) {
            return "settings gateway.caFile, gateway.url";
        }
        if (e.getCause() instanceof SSLException) {
            return "settings gateway.caFile, gateway.certificateFile";
        }
        // With TLS 1.3 a gateway that misses a certificate hangs up in the middle of the request.
        if ("https".equals(gateway.url().getScheme())) {
            return "settings gateway.url, gateway.certificateFile";
        }
        return gateway.proxy() == null ? "setting gateway.url" : "settings gateway.url, gateway.proxy";
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
}
