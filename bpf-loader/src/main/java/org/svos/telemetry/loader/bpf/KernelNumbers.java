package org.svos.telemetry.loader.bpf;

import java.util.function.IntUnaryOperator;

/** Whether maps, programs and links are still in the kernel, by the numbers it gave them. */
public final class KernelNumbers {

    private KernelNumbers() {}

    /** Whether there is a map of that number. */
    public static boolean isMap(long id) {
        return isThere(LibBpf::bpf_map_get_fd_by_id, id);
    }

    /** Whether there is a program of that number. */
    public static boolean isProgram(long id) {
        return isThere(LibBpf::bpf_prog_get_fd_by_id, id);
    }

    /** Whether there is a link of that number. */
    public static boolean isLink(long id) {
        return isThere(LibBpf::bpf_link_get_fd_by_id, id);
    }

    private static boolean isThere(IntUnaryOperator open, long id) {
        int fd = open.applyAsInt((int) id);
        if (fd >= 0) {
            LibC.close(fd);
        }
        return fd >= 0;
    }
}
