package org.svos.telemetry.gateway.admission;

import java.time.InstantSource;
import org.svos.telemetry.gateway.spool.TestKafka;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;

/** The same on PostgreSQL, with the spool in Kafka. */
class ExactnessInKafkaTest extends ExactnessTest {

    private final String database = TestServer.database();
    private final String topic = TestKafka.topic();

    @Override
    Rooms rooms(InstantSource clock) {
        Store store = TestServer.open(database, clock);
        return new Rooms(store, TestKafka.bodies(store, topic), Rooms.SETTINGS);
    }
}
