package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;

/** The spool of several processes, whose bodies are in Kafka. */
class SpoolInKafkaTest extends SpoolContract {

    private final String database = TestServer.database();
    private final String topic = TestKafka.topic();

    @Override
    Rooms rooms() {
        Store store = TestServer.open(database, null);
        return new Rooms(store, TestKafka.bodies(store, topic), Rooms.SETTINGS);
    }

    /** What is in Kafka cannot be changed: the row is led to a record that is the same but for that byte. */
    @Override
    void corrupt(String key) {
        byte[] batch = (Rooms.sandbox(1).value() + key + key).getBytes(StandardCharsets.US_ASCII);
        ConsumerRecord<byte[], byte[]> found = records().stream()
                .filter(each -> end(each.value(), batch) >= 0)
                .reduce((_, last) ->
                        last) // Its row is led there already, if another batch beside it was changed before.
                .orElseThrow();
        byte[] value = found.value().clone();
        value[end(value, batch) - 1] ^= 1;
        long place = send(found.partition(), found.key(), value);
        int moved = rooms.store.write(tx -> {
            var update = tx.statement("update spool set place = ? where place = ? and segment % 65536 = ?");
            update.setLong(1, place);
            update.setLong(2, found.offset());
            update.setInt(3, found.partition());
            return update.executeUpdate();
        });
        assertThat(moved).isEqualTo(1);
    }

    private static int end(byte[] bytes, byte[] part) {
        for (int i = 0; i + part.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i + part.length;
            }
        }
        return -1;
    }

    private long send(int partition, byte[] key, byte[] value) {
        try (var producer = new KafkaProducer<byte[], byte[]>(Map.of(
                "bootstrap.servers", TestKafka.bootstrapServers(),
                "key.serializer", ByteArraySerializer.class,
                "value.serializer", ByteArraySerializer.class))) {
            RecordMetadata sent = producer.send(new ProducerRecord<>(topic, partition, key, value))
                    .get();
            return sent.offset();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> records() {
        try (var consumer = new KafkaConsumer<byte[], byte[]>(Map.of(
                "bootstrap.servers",
                TestKafka.bootstrapServers(),
                "enable.auto.commit",
                false,
                "key.deserializer",
                ByteArrayDeserializer.class,
                "value.deserializer",
                ByteArrayDeserializer.class))) {
            List<TopicPartition> all = new ArrayList<>();
            for (int i = 0; i < TestKafka.PARTITIONS; i++) {
                all.add(new TopicPartition(topic, i));
            }
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    private static SpooledBatch batch(SandboxId sandbox, String key, int length) {
        return new SpooledBatch(
                0,
                ONE,
                sandbox,
                key,
                Instant.EPOCH,
                1,
                10,
                PayloadLimits.CONTRACT,
                Encoding.IDENTITY,
                new byte[length]);
    }

    @Test
    void theSandboxesOfADatabaseAreInSeveralPartitionsAndEachIsInItsOrder() {
        int sandboxes = 12;
        for (int group = 0; group < 5; group++) {
            SpooledBatch[] batches = new SpooledBatch[2 * sandboxes];
            for (int i = 0; i < batches.length; i++) {
                batches[i] = batch(Rooms.sandbox(i % sandboxes), group + "-" + i / sandboxes, 1);
            }
            append(batches);
        }

        List<SpooledBatch> read = spool.next(ONE, 0, 1_000, 1 << 20);
        assertThat(read).hasSize(5 * 2 * sandboxes);
        for (int i = 0; i < sandboxes; i++) {
            SandboxId sandbox = Rooms.sandbox(i);
            assertThat(read.stream()
                            .filter(each -> each.sandbox().equals(sandbox))
                            .map(SpooledBatch::key))
                    .containsExactly("0-0", "0-1", "1-0", "1-1", "2-0", "2-1", "3-0", "3-1", "4-0", "4-1");
        }
        long partitions = rooms.store.read(tx -> {
            try (ResultSet row =
                    tx.statement("select count(distinct segment) from spool").executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
        assertThat(partitions).isEqualTo(TestKafka.PARTITIONS);
    }

    @Test
    void whatIsInNoCacheIsReadFromTheBrokerAlsoTheLargest() {
        append(batch(Rooms.sandbox(1), "large", 8 << 20), batch(Rooms.sandbox(1), "small", 1));
        close();
        open();

        List<SpooledBatch> read = spool.next(ONE, 0, 10, 1 << 30);
        assertThat(read).extracting(SpooledBatch::key).containsExactly("large", "small");
        assertThat(read.getFirst().body()).hasSize(8 << 20);
    }

    @Test
    void aRecordOfAnotherPieceIsNeverTakenForThisOne() {
        append(batch(ONE, "a", 1));
        append(batch(ONE, "b", 2));
        rooms.store.write(tx -> {
            tx.change("update spool set place = (select max(place) from spool)");
            return null;
        });
        close();
        open();

        assertThat(keys(ONE, 0)).containsExactly("b");
        assertThat(rooms.ledger.of(ONE).discarded()).isEqualTo(1);
        assertThat(rooms.ledger.of(ONE).imbalance()).isZero();
    }

    @Test
    void aRecordThatTheTopicNoLongerHasIsCountedAsDamaged() throws Exception {
        append(batch(ONE, "a", 1));
        append(batch(ONE, "b", 2));
        try (var admin = TestKafka.admin()) {
            ConsumerRecord<byte[], byte[]> first = records().getFirst();
            admin.deleteRecords(Map.of(
                            new TopicPartition(topic, first.partition()),
                            RecordsToDelete.beforeOffset(first.offset() + 1)))
                    .all()
                    .get();
        }
        close();
        open();

        assertThat(keys(ONE, 0)).containsExactly("b");
        assertThat(rooms.ledger.of(ONE).discarded()).isEqualTo(1);
        assertThat(rooms.ledger.of(ONE).imbalance()).isZero();
    }

    @Test
    void rowsThatHeldTheirBodiesBeforeAreReadAllTheSame() {
        close();
        try (Rooms before = new Rooms(TestServer.open(database, null), Rooms.SETTINGS)) {
            before.append(List.of(batch(ONE, "before", 1)));
        }
        open();
        append(batch(ONE, "after", 1));

        assertThat(keys(ONE, 0)).containsExactly("before", "after");
    }
}
