package org.svos.telemetry.gateway.forward;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Host;

/** Looks on at deliveries. It is told by the lane that made one, so it must neither wait nor fail. */
public interface DeliveryWatch {

    /** Whether it wants to be told of what is delivered for the database of that name. */
    boolean isWatching(String database);

    /** Lantern Rock has taken these events. */
    void delivered(String database, String sandbox, @Nullable Host host, List<Event> events);
}
