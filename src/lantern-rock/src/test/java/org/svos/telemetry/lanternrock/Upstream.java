package org.svos.telemetry.lanternrock;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The far side of an adapter, as {@link LanternRockContract} needs it: what it got, and how it is told to behave. */
public interface Upstream {

    /**
     * A record as it arrived.
     *
     * @param application name and version with a blank between; null if none
     * @param session the session's name
     * @param payload JSON text
     */
    record Arrived(
            String sandbox,
            @Nullable String host,
            @Nullable String application,
            @Nullable String session,
            String kind,
            @Nullable String name,
            long seq,
            Instant time,
            @Nullable String payload) {}

    /** The base address that an adapter is given. */
    URI uri();

    /** What arrived for a database, in its order. */
    List<Arrived> arrived(String database);

    /** Answer with a status from now on, keeping nothing. */
    void answer(int status, @Nullable String retryAfter);

    /** Keep, and answer late. */
    void answerAfter(Duration delay);

    /** Keep, and break the connection without an answer. */
    void drop();

    /** Refuse deliveries with a record of that name. */
    void poison(String name);

    /** Behave well again. */
    void mend();
}
