package org.svos.telemetry.loader.record;

/**
 * Where things are in the settings and in the storm guard's table, as {@code telemetry.h} has them; tested against the
 * compiled object. A set of the table is four ways one after the other, a way is a sandbox's place:
 *
 * <pre>
 *      0 id   8 due   16 throttled   24 sandbox, 36 characters and NULs
 * </pre>
 */
public final class GuardLayout {

    /** Bytes of the settings, which are one number: the guard's interval in nanoseconds, 0 for no limit. */
    public static final int SETTINGS_BYTES = 8;

    public static final int WAY_BYTES = 64;
    public static final int WAYS = 4;
    public static final int SETS = 1024;
    public static final int SET_BYTES = WAYS * WAY_BYTES;

    static final int ID = 0;
    static final int DUE = 8;
    public static final int THROTTLED = 16;
    public static final int SANDBOX = 24;
    public static final int SANDBOX_BYTES = 40;

    private GuardLayout() {}
}
