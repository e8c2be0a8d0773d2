package org.svos.telemetry.gateway.tail;

import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Kind;
import org.svos.telemetry.gateway.rest.Form;

/** Which events a reader wants to see; null is all. One that lacks what is asked for is not seen. */
record TailFilter(
        @Nullable String kind,
        @Nullable String name,
        @Nullable String host) {

    private static final int MAX_TEXT_CHARS = 256;

    /** Reads {@code ?kind=&name=&host=}; faults stay in the form. */
    static TailFilter read(Form form) {
        Kind kind = form.choice("kind", Kind.class, Kind::wireName);
        return new TailFilter(
                kind == null ? null : kind.wireName(),
                form.text("name", MAX_TEXT_CHARS),
                form.text("host", MAX_TEXT_CHARS));
    }

    boolean shows(Frame frame) {
        return (kind == null || kind.equals(frame.kind()))
                && (name == null || name.equals(frame.name()))
                && (host == null || host.equals(frame.host()));
    }
}
