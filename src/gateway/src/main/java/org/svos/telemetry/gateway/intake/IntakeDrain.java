package org.svos.telemetry.gateway.intake;

import org.springframework.context.SmartLifecycle;

/**
 * Refuses batches from the moment that the gateway is told to stop. Readiness is off before it, and the web server stops
 * after it, when what it has begun is finished.
 */
final class IntakeDrain implements SmartLifecycle {

    private final Capacity capacity;
    private volatile boolean running;

    IntakeDrain(Capacity capacity) {
        this.capacity = capacity;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        capacity.drain();
        running = false;
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
