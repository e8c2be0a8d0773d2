package org.svos.telemetry.gateway.spool;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.SandboxId;
import org.svos.telemetry.gateway.settings.SettingFault;
import org.svos.telemetry.gateway.store.Changes;
import org.svos.telemetry.gateway.store.Deciding;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

/**
 * Those of several processes, in Kafka: a piece is a record, and its row says in which partition, at which offset. The records are sent
 * while the decision holds its locks, and the rows are added once all of them are acknowledged; so a commit never names a record that
 * is not there, and a record that no commit names is never read. RATIONALE.md has the cases.
 *
 * <pre>
 * key   := i64 database, i64 position of the first batch (looked at when it is read)
 * value := piece; empty: a record that was sent to see whether the partition takes one
 * </pre>
 */
final class BodiesInKafka extends Bodies {

    private static final String APPEND = """
            insert into spool (position, last, database_id, events, bytes, admitted_at, length, segment, place, slot)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

    /** A piece takes one batch, and further ones up to here. */
    private static final int PIECE_BYTES = 1 << 20;
    /** What a record, its request and its batch have beside bodies, generously. */
    private static final int AROUND_BYTES = 128 << 10;

    private final Store store;
    private final Admin admin;
    private final KafkaTopic topic;
    private final KafkaSending sending;
    private final KafkaReading reading;
    private final KafkaLog log;
    private final Timer sent;

    private BodiesInKafka(Store store, KafkaSettings settings, int largest, Admin admin, MeterRegistry meters) {
        this.store = store;
        this.admin = admin;
        topic = KafkaTopic.open(admin, settings, largest, store);
        sending = new KafkaSending(settings, largest);
        reading = new KafkaReading(settings);
        log = new KafkaLog(store, settings, admin, topic, this::read);
        sent = Timer.builder("telemetry.kafka.send")
                .description("Until the pieces of a group were acknowledged")
                .register(meters);
    }

    /**
     * Those in the topic of the settings.
     *
     * @param largestBody of a batch, in bytes
     * @throws SettingFault if it cannot be used
     */
    static BodiesInKafka open(Store store, KafkaSettings settings, long largestBody, MeterRegistry meters) {
        int largest = Math.toIntExact(Math.max(largestBody, PIECE_BYTES) + AROUND_BYTES);
        Admin admin;
        try {
            admin = Admin.create(settings.client(Map.of("default.api.timeout.ms", settings.timeoutMillis())));
        } catch (KafkaException e) {
            throw new SettingFault(
                    "The clients of the spool's Kafka cannot be set up: " + causes(e),
                    "See that TELEMETRY_KAFKA_BOOTSTRAP_SERVERS names hosts that there are, and that the file that"
                            + " TELEMETRY_KAFKA_PROPERTIES_FILE names is right.",
                    e);
        }
        try {
            return new BodiesInKafka(store, settings, largest, admin, meters);
        } catch (RuntimeException e) {
            admin.close();
            throw e;
        }
    }

    private static String causes(Throwable e) {
        return e.getCause() == null
                ? e.getMessage() + ""
                : e.getMessage() + ": " + e.getCause().getMessage();
    }

    /** One for each partition: a sandbox has one, so its batches stay in their order. */
    @Override
    List<List<Integer>> lots(List<SpooledBatch> batches, List<Integer> own) {
        Map<Integer, Lot> open = new HashMap<>();
        List<List<Integer>> lots = new ArrayList<>();
        for (Integer index : own) {
            SpooledBatch batch = batches.get(index);
            int partition = partition(batch.databaseId(), batch.sandbox());
            Lot lot = open.get(partition);
            if (lot == null || lot.bytes + batch.body().length > PIECE_BYTES) {
                lot = new Lot();
                open.put(partition, lot);
                lots.add(lot.indexes);
            }
            lot.indexes.add(index);
            lot.bytes += batch.body().length;
        }
        return lots;
    }

    private static final class Lot {
        private final List<Integer> indexes = new ArrayList<>();
        private long bytes;
    }

    private int partition(long databaseId, SandboxId sandbox) {
        long mixed = (databaseId * 31 + sandbox.value().hashCode()) * 0x9E3779B97F4A7C15L;
        return (int) ((mixed >>> 32) % topic.partitions());
    }

    @Override
    void append(Deciding deciding, List<NewPiece> pieces) {
        String fault = log.fault();
        if (fault != null) {
            throw new StoreUnavailableException(fault, null);
        }
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(pieces.size());
        for (NewPiece piece : pieces) {
            SandboxId sandbox = piece.batches().getFirst().sandbox();
            records.add(new ProducerRecord<>(
                    topic.name(),
                    partition(piece.databaseId(), sandbox),
                    KafkaReading.key(piece.databaseId(), piece.first()),
                    bytes(piece.batches())));
        }
        long begun = System.nanoTime();
        long[] offsets = sending.send(records);
        sent.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
        Changes changes = deciding.changes();
        for (int i = 0; i < offsets.length; i++) {
            NewPiece piece = pieces.get(i);
            ProducerRecord<byte[], byte[]> record = records.get(i);
            changes.change(
                    APPEND,
                    piece.first(),
                    piece.last(),
                    piece.databaseId(),
                    piece.events(),
                    piece.bytes(),
                    piece.admittedAt(),
                    record.value().length,
                    topic.segment(record.partition()),
                    offsets[i],
                    piece.slot());
            var place = new KafkaReading.Place(record.partition(), offsets[i]);
            changes.afterCommit(() -> reading.keep(place, new KafkaReading.Kept(record.key(), record.value())));
        }
    }

    private static byte[] bytes(List<SpooledBatch> batches) {
        List<byte[]> parts = new ArrayList<>(1 + 2 * batches.size());
        byte[] all = new byte[Piece.write(batches, parts::add)];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @Override
    byte[] read(Piece piece, int offset, int length) throws IOException {
        byte[] all = read(piece);
        byte[] part = new byte[length];
        System.arraycopy(all, offset, part, 0, length);
        return part;
    }

    private byte[] read(Piece piece) throws IOException {
        long segment = piece.segment() == null ? -1 : piece.segment();
        int partition = topic.partition(segment);
        if (partition >= 0) {
            return reading.read(piece, new KafkaReading.Place(partition, piece.place()));
        }
        if (KafkaTopic.isKnown(store, segment)) {
            throw new StoreUnavailableException(
                    "The piece at " + piece.first() + " is in another topic than \"" + topic.name()
                            + "\": start a gateway with the settings of that one",
                    null);
        }
        throw new IOException("The piece at " + piece.first() + " was in a topic that is gone");
    }

    @Override
    String where(Piece piece) {
        int partition = piece.segment() == null ? -1 : topic.partition(piece.segment());
        return partition < 0
                ? "in another topic"
                : "at offset " + piece.place() + " of partition " + partition + " of the topic " + topic.name();
    }

    @Override
    void free() {
        log.free();
    }

    @Override
    public @Nullable String trouble() {
        String fault = log.fault();
        String failing = sending.trouble();
        return fault != null ? fault : failing != null ? failing : log.shortage();
    }

    @Override
    public void close() {
        sending.close();
        reading.close();
        admin.close(Duration.ofSeconds(1));
    }
}
