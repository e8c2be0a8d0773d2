package org.svos.telemetry.lanternrock.http;

import java.security.NoSuchAlgorithmException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Makes clients that do what is asked and no more: no redirect, no cookie, no repetition, no decompression, and no bound on how many
 * connections there are, as the forwarder bounds that. HTTP/1.1: a delivery has its connection to itself.
 */
final class Connections {

    /** Of an answer: more than any gateway or proxy sends. */
    private static final int MAX_HEADERS = 1_000;

    private static final int MAX_LINE = 32 * 1024;

    /** A connection that was not used for so long is looked at first: many servers close theirs after some seconds. */
    private static final TimeValue IDLE = TimeValue.ofSeconds(1);

    /** In the context of an exchange that made a connection with TLS. */
    private static final String SECURED = "org.svos.telemetry.secured";

    private Connections() {}

    /** Whether a connection with TLS was made in that context. */
    static boolean isSecured(HttpContext context) {
        return context.getAttribute(SECURED) != null;
    }

    static CloseableHttpClient client(@Nullable Tls tls, HttpSettings settings) {
        Timeout connect = Timeout.of(settings.connectTimeout());
        var connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(Integer.MAX_VALUE)
                .setMaxConnTotal(Integer.MAX_VALUE)
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(Http1Config.custom()
                                .setMaxHeaderCount(MAX_HEADERS)
                                .setMaxLineLength(MAX_LINE)
                                .build())
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(connect)
                        .setValidateAfterInactivity(IDLE)
                        .build())
                .setTlsSocketStrategy(strategy(tls, settings))
                .build();
        return HttpClients.custom()
                .setConnectionManager(connections)
                .setDefaultRequestConfig(RequestConfig.custom()
                        // What an exchange may take, all in all, is the sender's to watch.
                        .setResponseTimeout(Timeout.DISABLED)
                        .setDefaultKeepAlive(3, TimeUnit.MINUTES)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                // With a certificate of its own a connection would pass for somebody's, and not be used again.
                .disableConnectionState()
                .disableContentCompression()
                .setUserAgent("svos-telemetry-gateway")
                .build();
    }

    private static TlsSocketStrategy strategy(@Nullable Tls tls, HttpSettings settings) {
        SSLContext context = tls == null ? jdks() : tls.context();
        int handshake = Math.toIntExact(Math.min(settings.connectTimeout().toMillis(), Integer.MAX_VALUE));
        return (socket, target, port, _, exchange) -> {
            var secured = (SSLSocket) context.getSocketFactory().createSocket(socket, target, port, true);
            SSLParameters parameters = secured.getSSLParameters();
            if (tls != null) {
                apply(tls.parameters(), parameters);
            }
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
            secured.setSoTimeout(handshake);
            secured.startHandshake();
            secured.setSoTimeout(0);
            exchange.setAttribute(SECURED, true);
            return secured;
        };
    }

    /** What a bundle can say. */
    private static void apply(SSLParameters given, SSLParameters to) {
        if (given.getProtocols() != null) {
            to.setProtocols(given.getProtocols());
        }
        if (given.getCipherSuites() != null) {
            to.setCipherSuites(given.getCipherSuites());
        }
    }

    private static SSLContext jdks() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK's own keys and trust cannot be read", e);
        }
    }
}
