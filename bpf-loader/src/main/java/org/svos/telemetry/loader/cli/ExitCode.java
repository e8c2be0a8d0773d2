package org.svos.telemetry.loader.cli;

/** How the process ends. */
final class ExitCode {

    static final int AS_ASKED = 0;
    static final int FAULT = 1;
    static final int BAD_CONFIGURATION = 2;
    static final int CANNOT_BE_PROBED = 3;

    private ExitCode() {}
}
