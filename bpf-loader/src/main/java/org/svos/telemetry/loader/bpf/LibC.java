package org.svos.telemetry.loader.bpf;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.Map;

/** The C library's calls that Java has none of its own for. Directly mapped; errno is {@link Native#getLastError()}. */
final class LibC {

    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int MAP_SHARED = 1;
    static final int CLOCK_BOOTTIME = 7;
    static final short POLLIN = 1;
    static final int SC_PAGESIZE = 30;
    static final int EINTR = 4;
    static final int ENOENT = 2;
    static final int EWOULDBLOCK = 11;
    static final int O_RDONLY = 0;
    static final int O_DIRECTORY = System.getProperty("os.arch").equals("aarch64") ? 0x4000 : 0x10000;
    static final int O_CLOEXEC = 0x80000;
    static final int LOCK_EXCLUSIVE_NOW = 2 | 4;
    static final int MADV_PAGEOUT = 21;
    static final int AF_UNIX = 1;
    static final int SOCK_DGRAM_CLOEXEC = 2 | O_CLOEXEC;
    static final int MSG_NOSIGNAL = 0x4000;
    static final Pointer MAP_FAILED = Pointer.createConstant(-1L);

    static {
        Native.register(LibC.class, NativeLibrary.getInstance("c", Map.of(Library.OPTION_STRING_ENCODING, "UTF-8")));
    }

    private LibC() {}

    static native Pointer mmap(Pointer address, long length, int protection, int flags, int fd, long offset);

    static native int munmap(Pointer address, long length);

    static native int madvise(Pointer address, long length, int advice);

    static native long sysconf(int name);

    static native int poll(Pointer fds, long count, int timeoutMillis);

    static native int clock_gettime(int clock, Pointer timespec);

    static native int open(String path, int flags);

    static native int close(int fd);

    static native int flock(int fd, int operation);

    static native int socket(int domain, int type, int protocol);

    static native long sendto(int fd, Pointer bytes, long length, int flags, Pointer address, int addressLength);

    static native long syscall(long number, Pointer first, long second, long third, long fourth, long fifth);

    static native int vsnprintf(Pointer to, long size, Pointer format, Pointer arguments);

    static native Pointer strerror(int errno);

    /** What the C library calls this error, with its number. */
    static String describe(int errno) {
        return strerror(errno).getString(0) + " (errno " + errno + ")";
    }
}
