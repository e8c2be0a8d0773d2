package org.svos.telemetry.gateway.forward;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.svos.telemetry.lanternrock.http.HttpSettings;

/**
 * Where Lantern Rock is.
 *
 * @param url its base address
 * @param tokenFile with the bearer token for it; empty or null for none
 * @param connectTimeout for a connection to stand
 * @param timeout for the whole of a request and its answer
 */
@ConfigurationProperties("telemetry.lantern-rock")
record LanternRockSettings(URI url, @Nullable String tokenFile, Duration connectTimeout, Duration timeout) {

    HttpSettings http() {
        return new HttpSettings(
                url, tokenFile == null || tokenFile.isBlank() ? null : Path.of(tokenFile), connectTimeout, timeout);
    }
}
