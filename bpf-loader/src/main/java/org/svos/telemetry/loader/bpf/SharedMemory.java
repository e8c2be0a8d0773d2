package org.svos.telemetry.loader.bpf;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** A mapping of a descriptor. Its buffer is dead after {@link #close()}: touching it then ends the process. */
public final class SharedMemory implements AutoCloseable {

    private final long length;
    private @Nullable Pointer address;

    private SharedMemory(Pointer address, long length) {
        this.address = address;
        this.length = length;
    }

    /**
     * Maps part of a descriptor.
     *
     * @param offset in bytes, a multiple of the page size
     * @param length in bytes, under 2 GiB
     */
    public static SharedMemory map(int fd, long offset, long length, boolean writable) throws BpfFault {
        int protection = writable ? LibC.PROT_READ | LibC.PROT_WRITE : LibC.PROT_READ;
        Pointer address = LibC.mmap(Pointer.NULL, length, protection, LibC.MAP_SHARED, fd, offset);
        if (LibC.MAP_FAILED.equals(address)) {
            throw BpfFault.of("mapping", length + " bytes of descriptor " + fd, Errno.last());
        }
        return new SharedMemory(address, length);
    }

    /** Bytes of a page of memory. */
    public static int pageBytes() {
        return (int) LibC.sysconf(LibC.SC_PAGESIZE);
    }

    /** The memory, in the byte order of the machine. */
    public ByteBuffer buffer() {
        if (address == null) {
            throw new IllegalStateException("unmapped");
        }
        return address.getByteBuffer(0, length).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        if (address != null) {
            LibC.munmap(address, length);
            address = null;
        }
    }
}
