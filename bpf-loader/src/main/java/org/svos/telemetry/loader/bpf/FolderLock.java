package org.svos.telemetry.loader.bpf;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A lock on a folder itself, for a BPF file system has no files to lock. The kernel releases it with the process. */
public final class FolderLock implements AutoCloseable {

    private final int fd;

    private FolderLock(int fd) {
        this.fd = fd;
    }

    /** Takes the lock, or null if another process has it. */
    public static @Nullable FolderLock take(Path folder) throws BpfFault {
        int fd = LibC.open(folder.toString(), LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC);
        if (fd < 0) {
            throw BpfFault.of("opening", folder.toString(), Errno.last());
        }
        if (LibC.flock(fd, LibC.LOCK_EXCLUSIVE_NOW) == 0) {
            return new FolderLock(fd);
        }
        int errno = Errno.last();
        LibC.close(fd);
        if (errno == LibC.EWOULDBLOCK) {
            return null;
        }
        throw BpfFault.of("locking", folder.toString(), errno);
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
