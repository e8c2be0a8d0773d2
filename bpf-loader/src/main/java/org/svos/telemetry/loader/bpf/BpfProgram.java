package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/** A program of an object that is loaded. */
public final class BpfProgram {

    private static final int ANY_PROCESS = -1;

    // struct bpf_kprobe_opts and struct bpf_uprobe_opts of libbpf 1.1, 64 bits. All zero: an entry probe, by the
    // kernel's best interface.
    private static final int KPROBE_OPTIONS_BYTES = 32;
    private static final int UPROBE_OPTIONS_BYTES = 40;
    private static final int UPROBE_OPTIONS_FUNCTION = 32;

    // struct bpf_kprobe_multi_opts, and enum bpf_attach_type's BPF_TRACE_KPROBE_MULTI.
    private static final int KPROBE_MULTI_OPTIONS_BYTES = 48;
    private static final int KPROBE_MULTI = 42;

    private final Pointer program;
    private final String name;

    BpfProgram(Pointer program, String name) {
        this.program = program;
        this.name = name;
    }

    /** Has the program run whenever the kernel calls the function. */
    public BpfLink attachKprobe(String function) throws BpfFault {
        Pointer link = LibBpf.bpf_program__attach_kprobe_opts(program, function, Libbpf.zeroed(KPROBE_OPTIONS_BYTES));
        if (link == null) {
            throw BpfFault.of("attaching a kprobe", function, Errno.last());
        }
        return new BpfLink(link);
    }

    /** Has the program run whenever any process calls the function of that library or program. */
    public BpfLink attachUprobe(String path, String function) throws BpfFault {
        Memory options = Libbpf.zeroed(UPROBE_OPTIONS_BYTES, UPROBE_OPTIONS_FUNCTION, function);
        Pointer link = LibBpf.bpf_program__attach_uprobe_opts(program, ANY_PROCESS, path, 0, options);
        if (link == null) {
            throw BpfFault.of("attaching a uprobe", function + " in " + path, Errno.last());
        }
        return new BpfLink(link);
    }

    /** Says that the program is to be attached by kprobe.multi; before the object is loaded. */
    public void forKprobeMulti() throws BpfFault {
        int error = LibBpf.bpf_program__set_expected_attach_type(program, KPROBE_MULTI);
        if (error < 0) {
            throw BpfFault.of("preparing for kprobe.multi", name, -error);
        }
    }

    /** Has the program run whenever the kernel calls the function, without perf_event_open. */
    public BpfLink attachKprobeMulti(String function) throws BpfFault {
        Pointer link = LibBpf.bpf_program__attach_kprobe_multi_opts(
                program, function, Libbpf.zeroed(KPROBE_MULTI_OPTIONS_BYTES));
        if (link == null) {
            throw BpfFault.of("attaching a kprobe.multi", function, Errno.last());
        }
        return new BpfLink(link);
    }

    /** Has the program run on a trace event that is a kprobe. */
    public BpfLink attachEvent(TraceEvent event) throws BpfFault {
        Pointer link = LibBpf.bpf_program__attach_perf_event(program, event.fd());
        if (link == null) {
            throw BpfFault.of("attaching to trace event", event.name(), Errno.last());
        }
        event.handOver();
        return new BpfLink(link);
    }

    /** Its descriptor, which belongs to the object. */
    public int fd() throws BpfFault {
        int fd = LibBpf.bpf_program__fd(program);
        if (fd < 0) {
            throw BpfFault.of("getting the descriptor", "program " + name, -fd);
        }
        return fd;
    }
}
