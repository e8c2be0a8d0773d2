package org.svos.telemetry.loader.record;

import java.util.List;
import org.svos.telemetry.event.Kind;

/** One of the five functions: what it is called in the kernel, and the program that runs on it. */
public enum Hook {
    REGISTER(1, Kind.REGISTER, "register_telemetry", "on_register"),
    SESSION_BEGIN(2, Kind.SESSION_BEGIN, "session_begin", "on_session_begin"),
    MESSAGE(3, Kind.MESSAGE, "telemetry_msg", "on_message"),
    SESSION_END(4, Kind.SESSION_END, "session_end", "on_session_end"),
    UNREGISTER(5, Kind.UNREGISTER, "unregister_telemetry", "on_unregister");

    /** All, in the order of their codes. */
    public static final List<Hook> ALL = List.of(values());

    private final int code;
    private final Kind kind;
    private final String function;
    private final String program;

    Hook(int code, Kind kind, String function, String program) {
        this.code = code;
        this.kind = kind;
        this.function = function;
        this.program = program;
    }

    /** The kind in a record, and the entry in the map of counters. */
    public int code() {
        return code;
    }

    /** The kind of event that a call of this function is. */
    public Kind kind() {
        return kind;
    }

    /** The function's symbol, and the label of its metrics. */
    public String function() {
        return function;
    }

    /** The BPF program's name. */
    public String program() {
        return program;
    }
}
