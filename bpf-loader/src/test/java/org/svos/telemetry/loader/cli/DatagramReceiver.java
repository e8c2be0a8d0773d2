package org.svos.telemetry.loader.cli;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Listens where systemd would. */
final class DatagramReceiver implements AutoCloseable {

    /** What Java has none of its own for. */
    interface LibC extends Library {
        LibC LIBRARY = Native.load("c", LibC.class);

        int socket(int domain, int type, int protocol);

        int bind(int fd, byte[] address, int length);

        long recv(int fd, byte[] to, long length, int flags);

        int shutdown(int fd, int how);

        int close(int fd);
    }

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SHUT_RDWR = 2;

    private final int fd;
    private final BlockingQueue<String> messages = new ArrayBlockingQueue<>(1000);
    private final Thread thread;

    DatagramReceiver(Path path) throws IOException {
        this(path.toString());
    }

    /** With an abstract name, if it begins with an {@code @}. */
    DatagramReceiver(String path) throws IOException {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        boolean isAbstract = name[0] == '@';
        byte[] address = new byte[2 + name.length + (isAbstract ? 0 : 1)];
        address[0] = AF_UNIX;
        System.arraycopy(name, 0, address, 2, name.length);
        if (isAbstract) {
            address[2] = 0;
        }
        fd = LibC.LIBRARY.socket(AF_UNIX, SOCK_DGRAM, 0);
        if (fd < 0 || LibC.LIBRARY.bind(fd, address, address.length) != 0) {
            throw new IOException("no socket at " + path + ": errno " + Native.getLastError());
        }
        thread = Thread.ofPlatform().daemon().start(this::receive);
    }

    private void receive() {
        byte[] bytes = new byte[4096];
        for (long length; (length = LibC.LIBRARY.recv(fd, bytes, bytes.length, 0)) > 0; ) {
            messages.add(new String(bytes, 0, (int) length, StandardCharsets.UTF_8));
        }
    }

    /** The next, or null if none comes in that many seconds. */
    @Nullable
    String next(int seconds) throws InterruptedException {
        return messages.poll(seconds, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        LibC.LIBRARY.shutdown(fd, SHUT_RDWR);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LibC.LIBRARY.close(fd);
    }
}
