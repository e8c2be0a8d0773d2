package org.svos.telemetry.gateway.tail;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Where the events of one database go, in the order in which they happen. */
sealed interface Sink permits Ring, Outgoing {

    /** Takes events, or as many of them as there is room for. */
    void append(List<Frame> more);

    /** So many events came and are not kept. */
    void skip(long events);

    /** Of batches that wait to be made events for it. */
    AtomicLong waitingBytes();

    /** Events that found no room to wait in, and have taken no numbers yet. */
    AtomicLong passedOver();
}
