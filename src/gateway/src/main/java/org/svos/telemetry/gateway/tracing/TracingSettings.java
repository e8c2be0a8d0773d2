package org.svos.telemetry.gateway.tracing;

import java.net.URI;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where traces go.
 *
 * @param url that takes OTLP traces over HTTP, with its path; empty for no tracing
 * @param share of the batches that are traced, 0 to 1; one that its sender traces is traced, too
 */
@ConfigurationProperties("telemetry.tracing")
record TracingSettings(String url, double share) {

    TracingSettings {
        if (!url.isEmpty()) {
            URI address = URI.create(url);
            check(
                    address.getHost() != null
                            && ("http".equals(address.getScheme()) || "https".equals(address.getScheme())),
                    "url must be an address like http://collector:4318/v1/traces, or empty");
        }
        check(share >= 0 && share <= 1, "share must be between 0 and 1");
    }

    private static void check(boolean good, String fault) {
        if (!good) {
            throw new IllegalArgumentException("telemetry.tracing." + fault);
        }
    }
}
