package org.svos.telemetry.loader.bpf;

import com.sun.jna.Memory;
import java.nio.charset.StandardCharsets;

/** The way to a Unix socket that takes datagrams, for which Java has no class of its own. For one thread at a time. */
public final class DatagramSocket implements AutoCloseable {

    // struct sockaddr_un: u16 family, char path[108]
    private static final int PATH = 2;
    private static final int PATH_BYTES = 108;

    private final int fd;
    private final Memory address;
    private final int addressLength;

    private DatagramSocket(int fd, Memory address, int addressLength) {
        this.fd = fd;
        this.address = address;
        this.addressLength = addressLength;
    }

    /**
     * The way to a socket.
     *
     * @param path of the file system, or {@code @} and an abstract name; at most 107 bytes
     */
    public static DatagramSocket to(String path) throws BpfFault {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length >= PATH_BYTES) {
            throw new IllegalArgumentException("no path of a socket: \"" + path + "\"");
        }
        boolean isAbstract = name[0] == '@';
        if (isAbstract) {
            name[0] = 0;
        }
        Memory address = new Memory(PATH + PATH_BYTES);
        address.clear();
        address.setShort(0, (short) LibC.AF_UNIX);
        address.write(PATH, name, 0, name.length);
        int fd = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM_CLOEXEC, 0);
        if (fd < 0) {
            throw BpfFault.of("making", "a socket", Errno.last());
        }
        // An abstract name ends with its length, a path with a zero.
        return new DatagramSocket(fd, address, PATH + name.length + (isAbstract ? 0 : 1));
    }

    /** Sends a text. */
    public void send(String text) throws BpfFault {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (Memory copy = new Memory(bytes.length)) {
            copy.write(0, bytes, 0, bytes.length);
            if (LibC.sendto(fd, copy, bytes.length, LibC.MSG_NOSIGNAL, address, addressLength) < 0) {
                throw BpfFault.of("sending to", "a socket", Errno.last());
            }
        }
    }

    @Override
    public void close() {
        LibC.close(fd);
        address.close();
    }
}
