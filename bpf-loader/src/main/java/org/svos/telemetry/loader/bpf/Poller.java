package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;

/** Waits for a descriptor to become readable. For one thread. */
public final class Poller {

    // struct pollfd { int fd; short events; short revents; }
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;

    private final Memory pollfd = new Memory(8);

    /** A poller of that descriptor. */
    public Poller(int fd) {
        pollfd.clear();
        pollfd.setInt(0, fd);
        pollfd.setShort(EVENTS, LibC.POLLIN);
    }

    /** Waits until there is something to read, true, or the time is over, false. */
    public boolean await(int timeoutMillis) throws BpfFault {
        pollfd.setShort(REVENTS, (short) 0);
        int ready = LibC.poll(pollfd, 1, timeoutMillis);
        if (ready < 0) {
            int errno = Errno.last();
            if (errno == LibC.EINTR) {
                return false;
            }
            throw BpfFault.of("waiting", "the ring", errno);
        }
        return ready > 0 && (pollfd.getShort(REVENTS) & LibC.POLLIN) != 0;
    }
}
