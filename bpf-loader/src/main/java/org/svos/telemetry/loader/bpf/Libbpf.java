package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/** The libbpf of this machine. */
public final class Libbpf {

    /** The library whose functions are bound. A newer minor version has them all, an older one lacks some. */
    public static final String SONAME = "libbpf.so.1";

    // bpf_object_open_opts: up to the name; libbpf takes what is not given as zero.
    private static final int OPEN_OPTIONS_BYTES = 16;
    private static final int OPEN_OPTIONS_NAME = 8;

    private final LibbpfLog log = new LibbpfLog();

    private Libbpf() {
        LibBpf.libbpf_set_print(log);
    }

    /** What came of looking for the library. */
    public sealed interface Search {

        /** It is there. */
        record Found(Libbpf libbpf) implements Search {}

        /** It is not, or is too old. */
        record Absent(String library, String detail) implements Search {}
    }

    /** Finds the library by its soname, as the dynamic linker does, or by its path. */
    public static Search find(String library) {
        try {
            LibBpf.bind(library);
            return new Search.Found(new Libbpf());
        } catch (UnsatisfiedLinkError e) {
            String said = String.valueOf(e.getMessage());
            return new Search.Absent(library, said.lines().findFirst().orElse(said));
        }
    }

    /** The version as the library says it, such as v1.1. */
    public String version() {
        return LibBpf.libbpf_version_string().getString(0);
    }

    /** What libbpf has said since the last call: warnings, the verifier's log. */
    public String said() {
        return log.drain();
    }

    /** Opens an object that was compiled by clang. Nothing is in the kernel yet; libbpf has copied what it needs. */
    public BpfObject open(byte[] elf, String name) throws BpfFault {
        Memory image = new Memory(elf.length);
        image.write(0, elf, 0, elf.length);
        Memory options = zeroed(OPEN_OPTIONS_BYTES, OPEN_OPTIONS_NAME, name);
        Pointer object = LibBpf.bpf_object__open_mem(image, elf.length, options);
        if (object == null) {
            throw BpfFault.of("opening", name, Errno.last());
        }
        return new BpfObject(object, name);
    }

    /** An options structure: zeroes, and its own size first. */
    static Memory zeroed(int bytes) {
        Memory options = new Memory(bytes);
        options.clear();
        options.setLong(0, bytes);
        return options;
    }

    /** The same with a string in it: the bytes stand behind the structure, so that they live as long. */
    static Memory zeroed(int bytes, int offset, String string) {
        Memory options = new Memory(bytes + string.length() + 1L);
        options.clear();
        options.setLong(0, bytes);
        options.setString(bytes, string);
        options.setPointer(offset, options.share(bytes));
        return options;
    }
}
