package org.svos.telemetry.gateway.admission;

import java.time.InstantSource;
import org.svos.telemetry.gateway.store.TestServer;

/** The same on PostgreSQL. */
class ForgettingOnServerTest extends ForgettingTest {

    private final String database = TestServer.database();

    @Override
    Rooms rooms(InstantSource clock) {
        return new Rooms(TestServer.open(database, clock), Rooms.SETTINGS);
    }
}
