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

    // struct bpf_prog_info: as much of it as holds recursion_misses, which kernels before 5.12 do not have.
    private static final int INFO_BYTES = 216;
    private static final int INFO_RECURSION_MISSES = 208;

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

    /** Runs that the kernel left out because the program was running on that CPU; 0 where the kernel does not count. */
    public long recursionMisses() throws BpfFault {
        Memory info = new Memory(INFO_BYTES);
        info.clear();
        Memory length = new Memory(Integer.BYTES);
        length.setInt(0, INFO_BYTES);
        int error = LibBpf.bpf_obj_get_info_by_fd(LibBpf.bpf_program__fd(program), info, length);
        if (error < 0) {
            throw BpfFault.of("asking about", "program " + name, -error);
        }
        return info.getLong(INFO_RECURSION_MISSES);
    }
}
