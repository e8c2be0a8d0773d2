package org.svos.telemetry.loader.batch;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.HostLoss;

/**
 * The first and the last line of a batch's body, JSON as in the contract. Between them stands a line an event, which is how
 * the spool cuts a body.
 */
final class BatchBody {

    private static final byte[] END_OF_EVENTS = Json.ascii("\n],\"lost\":{\"ringFull\":");
    private static final byte[] PROBE_FAULT = Json.ascii(",\"probeFault\":");
    private static final byte[] RECURSION = Json.ascii(",\"recursion\":");
    private static final byte[] THROTTLED = Json.ascii(",\"throttled\":");
    private static final byte[] SPOOL_EVICTED = Json.ascii(",\"spoolEvicted\":");
    private static final int MOST_OF_LOST = 200;

    private BatchBody() {}

    /** The first line, the same for every batch of a run. */
    static byte[] head(Host host) {
        Json json = new Json(64);
        json.reserve(16);
        json.raw(Json.ascii("{\"host\":{"));
        boolean first = member(json, "id", host.id(), true);
        first = member(json, "name", host.name(), first);
        first = member(json, "bootId", host.bootId(), first);
        first = member(json, "kernel", host.kernel(), first);
        member(json, "loaderVersion", host.loaderVersion(), first);
        json.reserve(16);
        json.raw(Json.ascii("},\"events\":[\n"));
        return Arrays.copyOf(json.bytes(), json.length());
    }

    private static boolean member(Json json, String name, @Nullable String value, boolean first) {
        if (value == null) {
            return first;
        }
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        json.reserve(name.length() + Json.EXPANSION * text.length + 8);
        if (!first) {
            json.raw(',');
        }
        json.raw('"');
        json.raw(Json.ascii(name));
        json.raw('"');
        json.raw(':');
        json.text(text, text.length);
        return false;
    }

    /** The last line. */
    static void tail(Json json, HostLoss lost) {
        json.reserve(MOST_OF_LOST);
        json.raw(END_OF_EVENTS);
        json.number(lost.ringFull());
        json.raw(PROBE_FAULT);
        json.number(lost.probeFault());
        json.raw(RECURSION);
        json.number(lost.recursion());
        json.raw(THROTTLED);
        json.number(lost.throttled());
        json.raw(SPOOL_EVICTED);
        json.number(lost.spoolEvicted());
        json.raw('}');
        json.raw('}');
    }
}
