package org.svos.telemetry.loader.cli;

import org.svos.telemetry.loader.capture.Capture;
import org.svos.telemetry.loader.spool.Spool;
import org.svos.telemetry.loader.upload.Uploader;

/** The parts of a running loader that its reports are made of. */
record Loader(Capture capture, Spool spool, Uploader uploader) {

    /** A line for the supervisor. */
    String state() {
        return capture.offSince() != null ? "capturing nothing (owner.capture)" : "capturing by " + capture.mechanism();
    }
}
