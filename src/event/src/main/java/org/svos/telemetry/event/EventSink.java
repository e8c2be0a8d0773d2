package org.svos.telemetry.event;

/** Takes the valid events of a batch, in their order. */
@FunctionalInterface
public interface EventSink {

    /**
     * Takes one event.
     *
     * @param index of the event among all of the batch, rejected ones included
     */
    void accept(int index, Event event);

    /** Passes over one that can never be valid. */
    default void reject(RejectedEvent event) {}
}
