package org.svos.telemetry.gateway.store;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a transaction on a platform thread. A virtual thread inside the engine's native code keeps its carrier, of which there
 * are as many as cores: two that wait for the disk would stop every connection of a small machine.
 */
final class Platform implements AutoCloseable {

    private final ThreadGroup group = new ThreadGroup("store");
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().group(group).name("store-", 0).daemon().factory());

    /** Whether the caller is one of these threads: inside a transaction, that is. */
    boolean isCurrent() {
        return group.equals(Thread.currentThread().getThreadGroup());
    }

    void run(Runnable transaction) {
        run(() -> {
            transaction.run();
            return null;
        });
    }

    <T extends @Nullable Object> T run(Supplier<T> transaction) {
        if (!Thread.currentThread().isVirtual()) {
            return transaction.get();
        }
        Future<T> running = threads.submit(transaction::get);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return running.get();
                } catch (InterruptedException e) {
                    // What has begun will be committed or not; to leave now would be not to know.
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unwrapped(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException unwrapped(ExecutionException e) {
        return switch (e.getCause()) {
            case RuntimeException failure -> failure;
            case Error error -> throw error;
            case null, default -> new IllegalStateException(e);
        };
    }

    @Override
    public void close() {
        threads.close();
    }
}
