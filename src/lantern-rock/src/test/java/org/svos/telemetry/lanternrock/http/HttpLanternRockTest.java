package org.svos.telemetry.lanternrock.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.lanternrock.LanternRock;
import org.svos.telemetry.lanternrock.LanternRockContract;
import org.svos.telemetry.lanternrock.Upstream;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;

/** The HTTP adapter against the stand-in. */
class HttpLanternRockTest extends LanternRockContract {

    @TempDir
    Path data;

    private StandInUpstream standIn;
    private final List<HttpLanternRock> adapters = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        standIn = new StandInUpstream(data);
    }

    @AfterEach
    void stop() {
        adapters.forEach(HttpLanternRock::close);
        standIn.close();
    }

    @Override
    protected LanternRock adapter(Duration timeout) {
        return adapter(standIn.uri(), null, timeout);
    }

    @Override
    protected LanternRock adapterTowardsNobody() {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI nobody = URI.create("http://127.0.0.1:" + free.getLocalPort());
            return adapter(nobody, null, Duration.ofSeconds(5));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected Upstream upstream() {
        return standIn;
    }

    private LanternRock adapter(URI uri, @Nullable Path tokenFile, Duration timeout) {
        var adapter = new HttpLanternRock(
                new HttpSettings(uri, tokenFile, Duration.ofSeconds(2), timeout), InstantSource.system());
        adapters.add(adapter);
        return adapter;
    }
}
