package org.svos.telemetry.loader.bpf;

/** A call into libbpf or the C library that failed: which one, on what, and why. */
public final class BpfFault extends Exception {

    private static final long serialVersionUID = 1L;

    private final int errno;

    private BpfFault(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    static BpfFault of(String operation, String subject, int errno) {
        return new BpfFault(operation + " of " + subject + " failed: " + LibC.describe(errno), errno);
    }

    static BpfFault absent(String kind, String name) {
        return new BpfFault("the BPF object has no " + kind + " named " + name, 0);
    }

    /** The error number that the call left, 0 if there is none. */
    public int errno() {
        return errno;
    }
}
