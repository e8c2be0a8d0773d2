package org.svos.telemetry.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A way to servers on this machine that looks at nothing but TCP: each connection goes to the next of them that takes it. It can be
 * cut: then no byte gets through in either direction and nobody is told, until it is mended.
 */
final class TcpRoute implements AutoCloseable {

    private static final int CHUNK_BYTES = 64 << 10;
    private static final int CONNECT_MILLIS = 1_000;

    private final ServerSocket server;
    private final int[] ports;
    private final AtomicInteger next = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition mended = lock.newCondition();
    private boolean isCut;
    private volatile boolean closed;

    /** A way to those ports of the loopback interface. */
    TcpRoute(int... ports) {
        this.ports = ports.clone();
        try {
            server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void cut() {
        lock.lock();
        try {
            isCut = true;
        } finally {
            lock.unlock();
        }
    }

    void mend() {
        lock.lock();
        try {
            isCut = false;
            mended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitMended() {
        lock.lock();
        try {
            while (isCut && !closed) {
                mended.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = server.accept();
                open.add(client);
                threads.execute(() -> pass(client));
            } catch (IOException e) {
                // Closed: nobody comes any more.
                return;
            }
        }
    }

    private void pass(Socket client) {
        try (client;
                Socket backend = connected()) {
            open.add(backend);
            threads.execute(() -> pump(backend, client));
            pump(client, backend);
            open.remove(backend);
        } catch (IOException e) {
            // Nobody takes it, or one of the two has gone: the other sees its connection end.
            return;
        } finally {
            open.remove(client);
        }
    }

    private Socket connected() throws IOException {
        awaitMended();
        IOException last = new IOException("nobody to connect to");
        for (int i = 0; i < ports.length; i++) {
            var backend = new Socket();
            try {
                int port = ports[Math.floorMod(next.getAndIncrement(), ports.length)];
                backend.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
                backend.setTcpNoDelay(true);
                return backend;
            } catch (IOException e) {
                backend.close();
                last = e;
            }
        }
        throw last;
    }

    /** The end of either direction ends both: none of the protocols here closes one alone. */
    private void pump(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                awaitMended();
                out.write(chunk, 0, read);
            }
        } catch (IOException e) {
            // Whichever it was, the other is told below.
        } finally {
            awaitMended();
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        mend();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(TcpRoute::close);
        threads.close();
    }
}
