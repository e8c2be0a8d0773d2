package org.svos.telemetry.gateway.forward;

import java.time.InstantSource;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.store.TestServer;

/** The same on PostgreSQL. */
class LaneOnServerTest extends LaneTest {

    private final String database = TestServer.database();

    @Override
    Rooms rooms(InstantSource clock) {
        return new Rooms(TestServer.open(database, clock), Rooms.SETTINGS);
    }
}
