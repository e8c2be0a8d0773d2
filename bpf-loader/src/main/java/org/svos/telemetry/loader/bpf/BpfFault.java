package org.svos.telemetry.loader.bpf;

import java.io.IOException;

/** A call into libbpf or the C library that failed: which one, on what, and why. */
public final class BpfFault extends Exception {

    private static final long serialVersionUID = 1L;

    private BpfFault(String message) {
        super(message);
    }

    static BpfFault of(String operation, String subject, int errno) {
        return new BpfFault(operation + " of " + subject + " failed: " + LibC.describe(errno));
    }

    /** A file of the kernel that could not be read or written. */
    public static BpfFault of(String operation, String subject, IOException why) {
        return new BpfFault(operation + " of " + subject + " failed: " + why.getMessage());
    }

    static BpfFault absent(String kind, String name) {
        return new BpfFault("the BPF object has no " + kind + " named " + name);
    }
}
