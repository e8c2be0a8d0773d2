package org.svos.telemetry.loader.bpf;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions of libbpf 1.1 that the loader calls, directly mapped.
 *
 * <p>libbpf leaves errno set on success: a call has failed only if it returned NULL or a negative number, and errno is
 * read only then.
 */
final class LibBpf {

    private LibBpf() {}

    /** Binds the natives below to the library of that soname or path. */
    static void bind(String library) {
        Native.register(
                LibBpf.class, NativeLibrary.getInstance(library, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8")));
    }

    /** int print(enum libbpf_print_level level, const char *format, va_list arguments). */
    interface Print extends Callback {
        int print(int level, @Nullable Pointer format, @Nullable Pointer arguments);
    }

    static native Pointer libbpf_version_string();

    static native @Nullable Pointer libbpf_set_print(Print print);

    static native int libbpf_num_possible_cpus();

    static native @Nullable Pointer bpf_object__open_mem(Pointer image, long size, Pointer options);

    static native int bpf_object__load(Pointer object);

    static native void bpf_object__close(Pointer object);

    static native @Nullable Pointer bpf_object__find_map_by_name(Pointer object, String name);

    static native @Nullable Pointer bpf_object__find_program_by_name(Pointer object, String name);

    static native int bpf_map__set_max_entries(Pointer map, int entries);

    static native int bpf_map__fd(Pointer map);

    static native int bpf_map__value_size(Pointer map);

    static native int bpf_map__reuse_fd(Pointer map, int fd);

    static native int bpf_program__fd(Pointer program);

    static native @Nullable Pointer bpf_program__attach_kprobe_opts(Pointer program, String function, Pointer options);

    static native @Nullable Pointer bpf_program__attach_uprobe_opts(
            Pointer program, int pid, String binary, long offset, Pointer options);

    static native @Nullable Pointer bpf_program__attach_kprobe_multi_opts(
            Pointer program, String pattern, Pointer options);

    static native @Nullable Pointer bpf_program__attach_perf_event(Pointer program, int perfEvent);

    static native int bpf_program__set_expected_attach_type(Pointer program, int type);

    static native void bpf_link__disconnect(Pointer link);

    static native int bpf_link__destroy(Pointer link);

    static native int bpf_obj_pin(int fd, String path);

    static native int bpf_obj_get(String path);

    static native int bpf_map_get_fd_by_id(int id);

    static native int bpf_prog_get_fd_by_id(int id);

    static native int bpf_link_get_fd_by_id(int id);

    static native int bpf_map_lookup_elem(int map, Pointer key, Pointer value);

    static native int bpf_map_update_elem(int map, Pointer key, Pointer value, long flags);

    static native int bpf_link__fd(Pointer link);

    static native int bpf_obj_get_info_by_fd(int object, Pointer info, Pointer length);
}
