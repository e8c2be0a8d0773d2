package org.svos.telemetry.lanternrock;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.http.HttpSettings;
import org.svos.telemetry.lanternrock.http.Tls;

/** What the kit's rules need of the adapter under test. */
public interface Adapting {

    /** What a thread is about. */
    ThreadLocal<@Nullable String> TRACEPARENT = new ThreadLocal<>();

    /** A new adapter, which tells {@link #TRACEPARENT}; the kit closes it. */
    LanternRock adapter(HttpSettings settings, @Nullable Supplier<Tls> tls);

    /** What a server of its protocol answers when it has taken all: type and body. */
    RawServer.Content taken();

    /** An adapter that waits for seconds, longer than anything here takes. */
    default LanternRock towards(URI server, @Nullable Path tokenFile) {
        return adapter(new HttpSettings(server, tokenFile, Duration.ofSeconds(5), Duration.ofSeconds(20)), null);
    }

    /** The least of a delivery. */
    default Delivery delivery(String key) {
        return LanternRockContract.messages("lab", key, "loaded");
    }
}
