package org.svos.telemetry.gateway.access;

import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/** What a token lets its bearer do. */
public enum Role {
    ADMIN("admin"),
    OWNER("owner"),
    READER("reader"),
    HOST("host");

    private final String wireName;

    Role(String wireName) {
        this.wireName = wireName;
    }

    /** The name on the wire and in the store. */
    @JsonValue
    public String wireName() {
        return wireName;
    }

    /** The role of that wire name, or null if there is none. */
    public static @Nullable Role of(String wireName) {
        return switch (wireName) {
            case "admin" -> ADMIN;
            case "owner" -> OWNER;
            case "reader" -> READER;
            case "host" -> HOST;
            default -> null;
        };
    }
}
