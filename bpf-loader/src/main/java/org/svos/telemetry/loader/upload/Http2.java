package org.svos.telemetry.loader.upload;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.config.Config;

/** HTTP/2 where TLS offers it (ALPN), and HTTP/1.1 where not, by {@code java.net.http}: all posts over one connection. */
final class Http2 implements Carrier {

    // A kept connection that the gateway has closed meanwhile is replaced by the client itself, also for a POST:
    // its key makes a batch that was posted twice the same one.
    private static final String RETRY_EACH_METHOD = "jdk.httpclient.enableAllMethodRetry";

    private final Config.Gateway gateway;
    private final GatewayTls tls;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    // Guarded by this: the client, made anew when the files of TLS have changed.
    private @Nullable HttpClient client;
    private @Nullable SSLContext of;

    Http2(Config.Gateway gateway) {
        System.setProperty(RETRY_EACH_METHOD, "true");
        this.gateway = gateway;
        this.tls = new GatewayTls(gateway.tls());
    }

    private synchronized HttpClient client() throws IOException {
        SSLContext now = tls.context();
        HttpClient there = client;
        if (there == null || !now.equals(of)) {
            if (there != null) {
                there.shutdown();
            }
            HttpClient.Builder builder = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_2)
                    .sslContext(now)
                    .executor(threads)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(gateway.connectTimeout());
            URI way = gateway.proxy();
            builder.proxy(
                    way == null
                            ? HttpClient.Builder.NO_PROXY
                            : ProxySelector.of(InetSocketAddress.createUnresolved(way.getHost(), way.getPort())));
            there = builder.build();
            client = there;
            of = now;
        }
        return there;
    }

    @Override
    public Reply post(URI to, Map<String, String> headers, byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(to).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        try {
            HttpResponse<InputStream> answer =
                    client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = answer.body()) {
                String retryAfter = answer.headers().firstValue("Retry-After").orElse(null);
                return new Reply(answer.statusCode(), retryAfter, Carrier.read(in));
            }
        } catch (IOException e) {
            throw asOfTheOther(to, e);
        }
    }

    /** The fault as the client of {@code java.base} has it: by its type it is told what went wrong. */
    private static IOException asOfTheOther(URI to, IOException fault) {
        String said = String.valueOf(fault.getMessage());
        IOException same = fault;
        if (fault instanceof HttpConnectTimeoutException) {
            same = new SocketTimeoutException(said);
        } else if (has(fault, UnresolvedAddressException.class)) {
            same = new UnknownHostException(to.getHost());
        } else if (has(fault, EOFException.class) && !has(fault, SSLException.class)) {
            same = new EOFException(said);
        }
        if (!same.equals(fault)) {
            same.initCause(fault);
        }
        return same;
    }

    private static boolean has(Throwable fault, Class<?> kind) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdownNow();
        }
        threads.shutdown();
    }
}
