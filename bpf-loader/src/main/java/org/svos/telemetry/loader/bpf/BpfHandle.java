package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A map, program or link that is pinned, by a descriptor of this process's own. */
public final class BpfHandle implements AutoCloseable {

    private final int fd;
    private final Path path;
    private boolean closed;

    private BpfHandle(int fd, Path path) {
        this.fd = fd;
        this.path = path;
    }

    /** What the kernel says of a map. Its number is not given to another on this boot. */
    public record MapInfo(long id, int valueBytes, int entries) {

        private static final int BYTES = 24;

        /** Of the map with that descriptor. */
        public static MapInfo of(int fd) throws BpfFault {
            // struct bpf_map_info: u32 type, id, key_size, value_size, max_entries, ...
            Memory info = info(fd, BYTES);
            return new MapInfo(Integer.toUnsignedLong(info.getInt(4)), info.getInt(12), info.getInt(16));
        }
    }

    /**
     * What the kernel says of a program.
     *
     * @param misses runs that the kernel left out because a program was running on that CPU; 0 before 5.12, which does
     *     not count them
     */
    public record ProgramInfo(long id, long misses) {

        // struct bpf_prog_info: u32 type, id, ... as much of it as holds recursion_misses.
        private static final int BYTES = 216;
        private static final int MISSES = 208;

        /** Of the program with that descriptor. */
        public static ProgramInfo of(int fd) throws BpfFault {
            Memory info = info(fd, BYTES);
            return new ProgramInfo(Integer.toUnsignedLong(info.getInt(4)), info.getLong(MISSES));
        }
    }

    /**
     * What the kernel says of a link.
     *
     * @param program the number of the program that it runs
     * @param missed calls of the function at which the kernel ran no probe, as another probe was running on that CPU: told
     *     by kernels from 6.7 on, of kprobes; else 0
     */
    public record LinkInfo(long id, long program, long missed) {

        // struct bpf_link_info: u32 type, id, prog_id, then what the type has. What a kernel does not know stays zero.
        private static final int BYTES = 64;
        private static final int TYPE_PERF_EVENT = 7;
        private static final int TYPE_KPROBE_MULTI = 8;
        private static final int MULTI_MISSED = 32;
        private static final int PERF_TYPE = 16;
        private static final int PERF_TYPE_KPROBE = 3;
        private static final int KPROBE_MISSED = 48;

        /** Of the link with that descriptor. */
        public static LinkInfo of(int fd) throws BpfFault {
            Memory info = info(fd, BYTES);
            long missed = switch (info.getInt(0)) {
                case TYPE_PERF_EVENT -> info.getInt(PERF_TYPE) == PERF_TYPE_KPROBE ? info.getLong(KPROBE_MISSED) : 0;
                case TYPE_KPROBE_MULTI -> info.getLong(MULTI_MISSED);
                default -> 0;
            };
            return new LinkInfo(Integer.toUnsignedLong(info.getInt(4)), Integer.toUnsignedLong(info.getInt(8)), missed);
        }
    }

    private static Memory info(int fd, int bytes) throws BpfFault {
        Memory info = new Memory(bytes);
        info.clear();
        Memory length = new Memory(Integer.BYTES);
        length.setInt(0, bytes);
        int error = LibBpf.bpf_obj_get_info_by_fd(fd, info, length);
        if (error < 0) {
            throw BpfFault.of("asking", "the kernel about descriptor " + fd, -error);
        }
        return info;
    }

    /** Opens what is pinned there, or null if there is nothing. */
    public static @Nullable BpfHandle open(Path path) throws BpfFault {
        int fd = LibBpf.bpf_obj_get(path.toString());
        if (fd >= 0) {
            return new BpfHandle(fd, path);
        }
        if (-fd == LibC.ENOENT) {
            return null;
        }
        throw BpfFault.of("opening", path.toString(), -fd);
    }

    /** Keeps what that descriptor is of in the kernel, under that path of a BPF file system. */
    public static void pin(int fd, Path path) throws BpfFault {
        int error = LibBpf.bpf_obj_pin(fd, path.toString());
        if (error < 0) {
            throw BpfFault.of("pinning", path.toString(), -error);
        }
    }

    /** Its descriptor, until it is closed. */
    public int fd() {
        if (closed) {
            throw new IllegalStateException(path + " is closed");
        }
        return fd;
    }

    /** What it is, if it is a map. */
    public MapInfo map() throws BpfFault {
        return MapInfo.of(fd());
    }

    /** What it is, if it is a program. */
    public ProgramInfo program() throws BpfFault {
        return ProgramInfo.of(fd());
    }

    /** What it is, if it is a link. */
    public LinkInfo link() throws BpfFault {
        return LinkInfo.of(fd());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            LibC.close(fd);
        }
    }
}
