package org.svos.telemetry.lanternrock.http;

import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.RawServer.Content;
import org.svos.telemetry.lanternrock.standin.StandInContract;

/** The HTTP adapter against the stand-in. */
class HttpLanternRockTest extends StandInContract {

    @Override
    protected HttpLanternRock make(HttpSettings settings, @Nullable Supplier<Tls> tls) {
        return new HttpLanternRock(settings, tls, InstantSource.system(), TRACEPARENT::get);
    }

    @Override
    public Content taken() {
        return new Content("application/json", "{\"records\":1}");
    }
}
