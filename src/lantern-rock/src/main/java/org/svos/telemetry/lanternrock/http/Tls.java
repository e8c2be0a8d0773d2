package org.svos.telemetry.lanternrock.http;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Whom to trust, and what to show of oneself. Another one, by identity, makes new connections. */
public final class Tls {

    private final String origin;
    private final SSLContext context;
    private final SSLParameters parameters;

    /**
     * Keys and trust.
     *
     * @param origin where they are set, for messages, such as {@code the SSL bundle "lantern-rock"}
     */
    public Tls(String origin, SSLContext context, SSLParameters parameters) {
        this.origin = origin;
        this.context = context;
        this.parameters = parameters;
    }

    String origin() {
        return origin;
    }

    SSLContext context() {
        return context;
    }

    SSLParameters parameters() {
        return parameters;
    }
}
