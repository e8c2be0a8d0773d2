package org.svos.telemetry.gateway.forward;

import java.util.ArrayList;
import java.util.List;
import org.svos.telemetry.gateway.spool.TestKafka;

/** The same with the spool in Kafka, by the settings that a gateway is started with. */
class SeveralGatewaysInKafkaTest extends SeveralGatewaysTest {

    private final String topic = TestKafka.topic();

    @Override
    List<String> settings(String database) {
        List<String> settings = new ArrayList<>(super.settings(database));
        settings.addAll(List.of(
                "telemetry.spool=kafka",
                "telemetry.kafka.bootstrap-servers=" + TestKafka.bootstrapServers(),
                "telemetry.kafka.topic=" + topic,
                "telemetry.kafka.partitions=" + TestKafka.PARTITIONS,
                "telemetry.kafka.replication=1"));
        return settings;
    }
}
