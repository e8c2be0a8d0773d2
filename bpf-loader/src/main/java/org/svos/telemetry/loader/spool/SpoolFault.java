package org.svos.telemetry.loader.spool;

import java.nio.file.Path;

/** The spool's file could not be read or written: disk full, torn, not permitted. */
public final class SpoolFault extends Exception {

    private static final long serialVersionUID = 1L;

    SpoolFault(String doing, Path file, Throwable cause) {
        super(doing + " failed in " + file + ": " + cause.getMessage(), cause);
    }
}
