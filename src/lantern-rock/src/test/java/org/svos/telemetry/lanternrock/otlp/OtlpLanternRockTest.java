package org.svos.telemetry.lanternrock.otlp;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.svos.telemetry.lanternrock.LanternRockContract;
import org.svos.telemetry.lanternrock.RawServer.Content;
import org.svos.telemetry.lanternrock.Upstream;
import org.svos.telemetry.lanternrock.http.HttpSettings;
import org.svos.telemetry.lanternrock.http.Tls;
import org.svos.telemetry.lanternrock.standin.StandInUpstream;

/** The OTLP adapter against the stand-in's door for OTLP. */
class OtlpLanternRockTest extends LanternRockContract {

    @TempDir
    Path data;

    private StandInUpstream standIn;

    @BeforeEach
    void start() throws IOException {
        standIn = new StandInUpstream(data);
    }

    @AfterEach
    void stop() {
        standIn.close();
    }

    @Override
    protected OtlpLanternRock make(HttpSettings settings, @Nullable Supplier<Tls> tls) {
        return new OtlpLanternRock(settings, tls, InstantSource.system(), TRACEPARENT::get, true);
    }

    @Override
    protected Upstream upstream() {
        return standIn;
    }

    @Override
    public Content taken() {
        return new Content("application/x-protobuf", "");
    }
}
