package org.svos.telemetry.loader.upload;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.loader.config.Config;

/**
 * HTTP/1.1 by the client that is in {@code java.base}: it keeps connections and speaks TLS, and takes less memory than
 * {@code java.net.http}: 3 MiB behind TLS, which itself takes 13; without TLS 10.
 */
final class Http1 implements Carrier {

    private final GatewayTls tls;
    private final Proxy proxy;
    private final int connectMillis;

    Http1(Config.Gateway gateway) {
        this.tls = new GatewayTls(gateway.tls());
        URI way = gateway.proxy();
        this.proxy = way == null
                ? Proxy.NO_PROXY
                : new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(way.getHost(), way.getPort()));
        this.connectMillis =
                (int) Math.min(Integer.MAX_VALUE, gateway.connectTimeout().toMillis());
    }

    @Override
    public Reply post(URI to, Map<String, String> headers, byte[] body) throws IOException {
        HttpURLConnection http = (HttpURLConnection) to.toURL().openConnection(proxy);
        if (http instanceof HttpsURLConnection https) {
            https.setSSLSocketFactory(tls.context().getSocketFactory());
        }
        http.setConnectTimeout(connectMillis);
        http.setInstanceFollowRedirects(false);
        http.setUseCaches(false);
        http.setRequestMethod("POST");
        headers.forEach(http::setRequestProperty);
        // Not streamed: a kept connection that the gateway has closed meanwhile is then replaced by the client
        // itself. Its key makes a batch that was posted twice the same one.
        http.setDoOutput(true);
        try (OutputStream out = http.getOutputStream()) {
            out.write(body);
        }
        int status = http.getResponseCode();
        if (status < 0) {
            throw new IOException("what it answers is no HTTP");
        }
        return new Reply(status, http.getHeaderField("Retry-After"), body(http, status));
    }

    /** Read to its end and closed, so that the connection can be used again. */
    private static byte[] body(HttpURLConnection http, int status) throws IOException {
        try (@Nullable InputStream in = status >= 400 ? http.getErrorStream() : http.getInputStream()) {
            if (in == null) {
                return new byte[0];
            }
            byte[] body;
            try {
                body = Carrier.read(in);
            } catch (IOException e) {
                http.disconnect();
                throw e;
            }
            if (http.getContentLengthLong() > body.length) {
                throw new EOFException("its answer ended in the middle");
            }
            return body;
        }
    }

    @Override
    public void close() {
        // An interrupt ends what is under way; what is kept is closed by the JDK when nobody has used it for a while.
    }
}
