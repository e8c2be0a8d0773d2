package org.svos.telemetry.gateway.forward;

/** What can be asked of the lanes. */
public interface Lanes {

    /** How it goes for the database of that key. */
    LaneStatus status(long databaseId);
}
