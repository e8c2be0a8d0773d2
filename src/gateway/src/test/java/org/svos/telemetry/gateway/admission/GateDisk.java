package org.svos.telemetry.gateway.admission;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.store.Disk;

/** The machine's disk, whose syncs a test holds up or fails, and that a test fills. */
public final class GateDisk implements Disk {

    private volatile @Nullable CountDownLatch held;
    private volatile CountDownLatch reached = new CountDownLatch(1);
    private volatile boolean full;
    private volatile boolean broken;

    /** From now on no sync returns. */
    public void hold() {
        reached = new CountDownLatch(1);
        held = new CountDownLatch(1);
    }

    /** Returns once a sync is held up. */
    public void awaitHeld() throws InterruptedException {
        reached.await();
    }

    /** Lets them return. */
    public void release() {
        CountDownLatch latch = held;
        held = null;
        if (latch != null) {
            latch.countDown();
        }
    }

    /** Whether there is no room for another file. */
    public void full(boolean now) {
        full = now;
    }

    /** Whether syncs fail, after what was written has come to the disk. */
    public void broken(boolean now) {
        broken = now;
    }

    @Override
    public void prepare(Path file, long size, Pace pace) throws IOException {
        if (full) {
            throw new IOException("No space left on device");
        }
        Disk.super.prepare(file, size, pace);
    }

    @Override
    public void sync(FileChannel channel) throws IOException {
        CountDownLatch latch = held;
        if (latch != null) {
            reached.countDown();
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        Disk.super.sync(channel);
        if (broken) {
            throw new IOException("Input/output error");
        }
    }
}
