package org.svos.telemetry.event;

import org.jspecify.annotations.Nullable;

/** Which of the five functions was called. */
public enum Kind {
    REGISTER("register"),
    SESSION_BEGIN("session_begin"),
    MESSAGE("message"),
    SESSION_END("session_end"),
    UNREGISTER("unregister");

    private final String wireName;

    Kind(String wireName) {
        this.wireName = wireName;
    }

    /** The name on the wire and in Lantern Rock's records. */
    public String wireName() {
        return wireName;
    }

    /** The kind of that wire name, or null if there is none. */
    public static @Nullable Kind of(String wireName) {
        return switch (wireName) {
            case "register" -> REGISTER;
            case "session_begin" -> SESSION_BEGIN;
            case "message" -> MESSAGE;
            case "session_end" -> SESSION_END;
            case "unregister" -> UNREGISTER;
            default -> null;
        };
    }
}
