package org.svos.telemetry.lanternrock.http;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where Lantern Rock is, and how long to wait for it.
 *
 * @param url the base, such as {@code https://lantern-rock.example/api}; http or https, without query and fragment
 * @param tokenFile holds the bearer token alone; read again when it changes; null for none
 * @param connectTimeout for a connection to stand
 * @param timeout for the whole of a request and its answer
 * @param tenant whose the data are, where a receiver is shared by many; null: nothing is said
 */
public record HttpSettings(
        URI url,
        @Nullable Path tokenFile,
        Duration connectTimeout,
        Duration timeout,
        @Nullable Tenant tenant) {

    /** Settings without a tenant. */
    public HttpSettings(URI url, @Nullable Path tokenFile, Duration connectTimeout, Duration timeout) {
        this(url, tokenFile, connectTimeout, timeout, null);
    }

    public HttpSettings {
        String scheme = url.getScheme();
        boolean http = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
        if (!http || url.getHost() == null || url.getQuery() != null || url.getFragment() != null) {
            throw new IllegalArgumentException(
                    "no base address of Lantern Rock: \"" + url + "\"; give one like http://127.0.0.1:8090");
        }
        if (!connectTimeout.isPositive() || !timeout.isPositive()) {
            throw new IllegalArgumentException("the time-outs towards Lantern Rock must be over zero");
        }
    }

    URI base(String path) {
        String base = url.toString();
        int end = base.length();
        while (base.charAt(end - 1) == '/') {
            end--;
        }
        return URI.create(base.substring(0, end) + path);
    }
}
