package org.svos.telemetry.gateway.forward;

import java.time.InstantSource;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.spool.TestKafka;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;

/** The same on PostgreSQL, with the spool in Kafka. */
class LaneInKafkaTest extends LaneTest {

    private final String database = TestServer.database();

    @Override
    Rooms rooms(InstantSource clock) {
        Store store = TestServer.open(database, clock);
        return new Rooms(store, TestKafka.bodies(store, TestKafka.topic()), Rooms.SETTINGS);
    }
}
