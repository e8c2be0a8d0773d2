package org.svos.telemetry.gateway.registry;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.quota.Quota;
import org.svos.telemetry.gateway.rest.Form;

/**
 * The parts of a quota that a request gives; null are those that it does not.
 *
 * <pre>{"bytesPerDay": 10485760, "eventsPerSecond": 1000, "burst": 10000, "mode": "enforce"}</pre>
 */
record QuotaForm(
        @Nullable Long bytesPerDay,
        @Nullable Long eventsPerSecond,
        @Nullable Long burst,
        Quota.@Nullable Mode mode) {

    private static final long MAX_EVENTS = 1_000_000_000;

    static final String SCHEMA = """
            {"type": "object", "additionalProperties": false, "properties": {
               "bytesPerDay": {"type": "integer", "minimum": 1, "maximum": 1000000000000000},
               "eventsPerSecond": {"type": "integer", "minimum": 1, "maximum": 1000000000},
               "burst": {"type": "integer", "minimum": 1, "maximum": 1000000000},
               "mode": {"enum": ["enforce", "shadow"]}}}""";

    static QuotaForm read(Form form) {
        for (String key : new String[] {"bytesPerDay", "eventsPerSecond", "burst", "mode"}) {
            if (form.hasNull(key)) {
                form.fault(key, "must not be null");
            }
        }
        return new QuotaForm(
                form.whole("bytesPerDay", 1, Quota.MAX),
                form.whole("eventsPerSecond", 1, MAX_EVENTS),
                form.whole("burst", 1, MAX_EVENTS),
                form.choice("mode", Quota.Mode.class, mode -> mode.name().toLowerCase(Locale.ROOT)));
    }

    /** The quota with these parts in the place of its own. */
    Quota over(Quota base) {
        return new Quota(
                bytesPerDay == null ? base.bytesPerDay() : bytesPerDay,
                eventsPerSecond == null ? base.eventsPerSecond() : eventsPerSecond,
                burst == null ? base.burst() : burst,
                mode == null ? base.mode() : mode);
    }
}
