package org.svos.telemetry.loader.config;

/** Settings that cannot be used: which, where they come from, what to do. */
public final class ConfigFault extends Exception {

    private static final long serialVersionUID = 1L;

    ConfigFault(String message) {
        super(message);
    }
}
