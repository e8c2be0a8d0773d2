package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;

/** An event of tracefs, opened for a program to be attached to. */
public final class TraceEvent implements AutoCloseable {

    private static final long PERF_EVENT_OPEN = System.getProperty("os.arch").equals("aarch64") ? 241 : 298;

    // struct perf_event_attr: u32 type, u32 size, u64 config, ...; the rest zero.
    private static final int ATTRIBUTES_BYTES = 112;
    private static final int TRACEPOINT = 2;
    private static final long CLOSE_ON_EXEC = 8;
    private static final int ANY_PROCESS = -1;
    private static final int NO_GROUP = -1;

    private final String name;
    private int fd;

    private TraceEvent(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /**
     * Opens an event by the number in its file {@code id}. One CPU's suffices: a BPF program on it runs for the calls of
     * every CPU.
     */
    public static TraceEvent open(String name, long id) throws BpfFault {
        Memory attributes = new Memory(ATTRIBUTES_BYTES);
        attributes.clear();
        attributes.setInt(0, TRACEPOINT);
        attributes.setInt(4, ATTRIBUTES_BYTES);
        attributes.setLong(8, id);
        long fd = LibC.syscall(PERF_EVENT_OPEN, attributes, ANY_PROCESS, 0, NO_GROUP, CLOSE_ON_EXEC);
        if (fd < 0) {
            throw BpfFault.of("opening", "trace event " + name, Errno.last());
        }
        return new TraceEvent(name, (int) fd);
    }

    String name() {
        return name;
    }

    int fd() {
        return fd;
    }

    /** The descriptor is somebody else's from now on. */
    void handOver() {
        fd = -1;
    }

    @Override
    public void close() {
        if (fd >= 0) {
            LibC.close(fd);
            fd = -1;
        }
    }
}
