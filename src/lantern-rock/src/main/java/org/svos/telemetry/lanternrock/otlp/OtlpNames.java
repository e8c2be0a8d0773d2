package org.svos.telemetry.lanternrock.otlp;

/**
 * The attributes of a delivery in OTLP. Where OpenTelemetry's semantic conventions have a name, it is theirs; the others begin with
 * {@code svos.telemetry}.
 */
public final class OtlpNames {

    private static final String OURS = "svos.telemetry.";

    // Of the resource: where the records come from, and whose they are.
    public static final String DATABASE = OURS + "database";
    public static final String SANDBOX = OURS + "sandbox";
    public static final String SERVICE_NAME = "service.name";
    public static final String SERVICE_VERSION = "service.version";
    public static final String HOST_ID = "host.id";
    public static final String HOST_NAME = "host.name";
    public static final String OS_TYPE = "os.type";
    public static final String OS_VERSION = "os.version";
    public static final String BOOT_ID = OURS + "boot_id";

    // Of a record.
    public static final String KIND = OURS + "kind";
    public static final String NAME = OURS + "name";
    public static final String SEQ = OURS + "seq";
    public static final String BOOT_TIME_NS = OURS + "boot_time_ns";
    public static final String COUNT = OURS + "count";
    public static final String SUM = OURS + "sum";
    public static final String CPU = "cpu.logical_number";
    public static final String PID = "process.pid";
    public static final String COMM = "thread.name";
    public static final String RECORD_ID = "log.record.uid";
    public static final String ORIGINAL = "log.record.original";
    public static final String UNREADABLE = OURS + "payload_error";
    public static final String TIME = OURS + "time";

    // Of the session that it lies in.
    public static final String SESSION_ID = "session.id";
    public static final String SESSION_NAME = OURS + "session.name";
    public static final String SESSION_START = OURS + "session.start";
    public static final String SESSION_DURATION_NS = OURS + "session.duration_ns";

    /** What a record's {@code event_name} begins with; the kind comes behind it, and a message's name behind that. */
    static final String EVENT = OURS;

    /** The instrumentation scope: what captured the calls. Its version is the host loader's. */
    static final String SCOPE = "svos-kernel-telemetry-host";

    private OtlpNames() {}
}
