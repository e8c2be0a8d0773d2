package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** A program's hold on a function. It ends with {@link #close()}, or with the process. */
public final class BpfLink implements AutoCloseable {

    // struct bpf_link_info, as much of it as holds what follows. What a kernel does not know stays zero.
    private static final int INFO_BYTES = 64;
    private static final int TYPE = 0;
    private static final int TYPE_PERF_EVENT = 7;
    private static final int TYPE_KPROBE_MULTI = 8;
    private static final int MULTI_MISSED = 32;
    private static final int PERF_TYPE = 16;
    private static final int PERF_TYPE_KPROBE = 3;
    private static final int KPROBE_MISSED = 48;

    private @Nullable Pointer link;

    BpfLink(Pointer link) {
        this.link = link;
    }

    /**
     * Calls of the function at which the kernel ran no probe, as another probe was running on that CPU. Told by kernels
     * from 6.7 on, of kprobes; else 0.
     */
    public long missed() throws BpfFault {
        if (link == null) {
            return 0;
        }
        Memory info = new Memory(INFO_BYTES);
        info.clear();
        Memory length = new Memory(Integer.BYTES);
        length.setInt(0, INFO_BYTES);
        int error = LibBpf.bpf_obj_get_info_by_fd(LibBpf.bpf_link__fd(link), info, length);
        if (error < 0) {
            throw BpfFault.of("asking about", "a link", -error);
        }
        return switch (info.getInt(TYPE)) {
            case TYPE_PERF_EVENT -> info.getInt(PERF_TYPE) == PERF_TYPE_KPROBE ? info.getLong(KPROBE_MISSED) : 0;
            case TYPE_KPROBE_MULTI -> info.getLong(MULTI_MISSED);
            default -> 0;
        };
    }

    @Override
    public void close() {
        if (link != null) {
            LibBpf.bpf_link__destroy(link);
            link = null;
        }
    }
}
