package org.svos.telemetry.loader.bpf;

import com.sun.jna.Native;

/** The thread's errno as the last native call left it. */
final class Errno {

    private Errno() {}

    static int last() {
        return Native.getLastError();
    }
}
