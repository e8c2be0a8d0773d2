package org.svos.telemetry.gateway.intake;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Refuses batches from the moment that the gateway is told to stop, and keeps the doors open for a while so that hosts hear of
 * it. Readiness is off before it, and the web server stops after it, when what it has begun is finished.
 */
final class IntakeDrain implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(IntakeDrain.class);

    private final Capacity capacity;
    private final Duration time;
    private volatile boolean running;

    IntakeDrain(Capacity capacity, Duration time) {
        this.capacity = capacity;
        this.time = time;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        capacity.drain();
        running = false;
        log.info("stopping: batches are refused from now on, and the doors close in {} ms", time.toMillis());
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** The highest: what starts last stops first. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
