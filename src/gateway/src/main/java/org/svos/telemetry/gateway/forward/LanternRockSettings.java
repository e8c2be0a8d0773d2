package org.svos.telemetry.gateway.forward;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.svos.telemetry.lanternrock.http.HttpSettings;
import org.svos.telemetry.lanternrock.http.Tenant;

/**
 * Where Lantern Rock is.
 *
 * @param protocol that it speaks
 * @param url its base address
 * @param tokenFile with the bearer token for it; empty or null for none
 * @param connectTimeout for a connection to stand
 * @param timeout for the whole of a request and its answer
 * @param sslBundle with the keys and the trust for https
 * @param tenantHeader a header that tells whose the data are, for a receiver that is shared by many; empty for none
 * @param tenant what that header says; {@code {database}} stands for the database's name
 * @param gzip whether requests are compressed, where the protocol knows that
 */
@ConfigurationProperties("telemetry.lantern-rock")
record LanternRockSettings(
        Protocol protocol,
        URI url,
        @Nullable String tokenFile,
        Duration connectTimeout,
        Duration timeout,
        String sslBundle,
        String tenantHeader,
        String tenant,
        boolean gzip) {

    /** What can be spoken. */
    enum Protocol {
        /** Lantern Rock's, as {@code openapi.yaml} of the port describes it. */
        LANTERN_ROCK,
        /** OTLP logs over HTTP. */
        OTLP
    }

    /** Refuses an address or a header that is none, and times that are not over zero: at the start, not with the first delivery. */
    LanternRockSettings {
        http(url, tokenFile, connectTimeout, timeout, tenantHeader, tenant);
    }

    HttpSettings http() {
        return http(url, tokenFile, connectTimeout, timeout, tenantHeader, tenant);
    }

    private static HttpSettings http(
            URI url,
            @Nullable String tokenFile,
            Duration connectTimeout,
            Duration timeout,
            String tenantHeader,
            String tenant) {
        boolean isGiven = tokenFile != null && !tokenFile.isBlank();
        return new HttpSettings(
                url,
                isGiven ? Path.of(tokenFile) : null,
                connectTimeout,
                timeout,
                tenantHeader.isBlank() ? null : new Tenant(tenantHeader, tenant));
    }
}
