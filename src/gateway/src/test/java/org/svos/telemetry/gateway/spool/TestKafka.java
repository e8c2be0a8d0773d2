package org.svos.telemetry.gateway.spool;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.kafka.KafkaBroker;

/** A real Kafka broker, one for all tests of this process, which ends with it; and a topic of its own for each test. */
public final class TestKafka {

    /** More than one, so that a group's pieces are not all in the same. */
    public static final int PARTITIONS = 3;

    private static final long LARGEST_BODY = 8 << 20;
    private static final AtomicInteger topics = new AtomicInteger();

    private TestKafka() {}

    private static final class Running {

        private static final KafkaBroker BROKER = start();

        private static KafkaBroker start() {
            try {
                Path folder = Files.createTempDirectory("kafka");
                KafkaBroker broker = KafkaBroker.start(folder, Map.of());
                Runtime.getRuntime().addShutdownHook(new Thread(broker::kill));
                return broker;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A name that no other test has. */
    public static String topic() {
        return "test-" + topics.incrementAndGet();
    }

    /** Where its clients begin. */
    public static String bootstrapServers() {
        return Running.BROKER.bootstrapServers();
    }

    /** Bodies of that store in that topic, which is made if it is not there. */
    public static Bodies bodies(Store store, String topic) {
        return bodies(store, settings(bootstrapServers(), topic));
    }

    /** Bodies of that store where those settings say. */
    public static Bodies bodies(Store store, KafkaSettings settings) {
        try {
            return BodiesInKafka.open(store, settings, LARGEST_BODY, new SimpleMeterRegistry());
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** The settings of that topic, which gateways do not wait long for. */
    public static KafkaSettings settings(String bootstrapServers, String topic) {
        return new KafkaSettings(
                bootstrapServers,
                topic,
                PARTITIONS,
                (short) 1,
                "group-of-" + topic,
                Duration.ofSeconds(2),
                DataSize.ofMegabytes(4),
                "");
    }

    /** One that looks into the broker from outside; to be closed. */
    static Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
    }
}
