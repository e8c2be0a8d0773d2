package org.svos.telemetry.lanternrock.otlp;

import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.RawServer.Content;
import org.svos.telemetry.lanternrock.http.HttpSettings;
import org.svos.telemetry.lanternrock.http.Tls;
import org.svos.telemetry.lanternrock.standin.StandInContract;

/** The OTLP adapter against the stand-in's door for OTLP. */
class OtlpLanternRockTest extends StandInContract {

    @Override
    protected OtlpLanternRock make(HttpSettings settings, @Nullable Supplier<Tls> tls) {
        return new OtlpLanternRock(settings, tls, InstantSource.system(), TRACEPARENT::get, true);
    }

    @Override
    public Content taken() {
        return new Content("application/x-protobuf", "");
    }
}
