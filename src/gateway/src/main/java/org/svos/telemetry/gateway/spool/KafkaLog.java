package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * Deletes from the topic what no piece needs any more, up to a mark in each partition, before which all is delivered or was never
 * promised:
 *
 * <pre>
 * ends   := the ends of the partitions
 * number := a transaction's number, taken after that
 * wait until every transaction with a lower number has ended
 * mark   := the lowest place of a piece that waits; where there is none, the end
 * sync the store's log
 * </pre>
 *
 * <p>Whoever decides takes a transaction's number before it sends ({@link Positioning}). So who has sent a record that lies before
 * an end has a lower number than the one that was taken after it, and once it has ended its row is there to be seen, or will never be.
 * No clock is asked, and nobody waits. Lanes settle without a sync, and a server that crashes may take that back: what is deleted here
 * it cannot give back, so nothing is that it could want again. The mark is also the offset of a consumer group without members, so that Kafka's own tools show
 * what is not delivered yet as its lag.
 *
 * <p>A parked lane would hold a partition's log from its first piece on. Where little is left in the first quarter of a log, that is
 * moved into rows.
 */
final class KafkaLog {

    private static final Logger log = LoggerFactory.getLogger(KafkaLog.class);

    private static final long EVERY_MILLIS = 5_000;
    private static final long LEAST_SPAN = 1_000;
    private static final int QUARTER = 4;
    /** What is left of a quarter is little if it is no more than this part of its records, and so many bytes. */
    private static final int FEW = 16;

    private static final long LITTLE_BYTES = 4 << 20;
    private static final int PIECES_AT_ONCE = 32;

    /** Whose turn it is: one gateway does it, whichever comes first. */
    private static final String BEGIN = """
            update spool_topic set looked_at = ? where number = ? and looked_at <= ?
            returning cast(cast(pg_current_xact_id() as text) as bigint)""";

    /** Changes nothing: its commit has all those before it on the server's disk. */
    private static final String SYNC = "update spool_topic set looked_at = looked_at where number = ?";

    private static final String DONE = "select cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)";
    private static final String FIRST = """
            select s.place from spool s left join lane l on l.database_id = s.database_id
            where s.segment = ? and s.place >= ? and s.last > coalesce(l.passed, 0) order by s.place limit 1""";
    private static final String LEFT = """
            select count(*), coalesce(sum(length), 0) from (
                select s.length from spool s left join lane l on l.database_id = s.database_id
                where s.segment = ? and s.place >= ? and s.place < ? and s.last > coalesce(l.passed, 0) limit ?) few""";
    private static final String MOVE = """
            update spool set body = ?, segment = null, place = null where position = ? and segment = ?""";

    private final Store store;
    private final KafkaSettings settings;
    private final Admin admin;
    private final KafkaTopic topic;
    private final Reader reader;
    private long lookedAt;
    private @Nullable Begun begun;
    private boolean failing;
    private volatile @Nullable String fault;
    private volatile @Nullable String shortage;

    /** Reads a piece whole. */
    @FunctionalInterface
    interface Reader {
        byte[] read(Piece piece) throws IOException;
    }

    /** From where to where each partition went, and the transaction's number that was taken then. */
    private record Begun(Map<Integer, Long> starts, Map<Integer, Long> ends, long number) {}

    KafkaLog(Store store, KafkaSettings settings, Admin admin, KafkaTopic topic, Reader reader) {
        this.store = store;
        this.settings = settings;
        this.admin = admin;
        this.topic = topic;
        this.reader = reader;
        lookedAt = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS);
    }

    /** Why nothing may be written to the topic any more, or null. */
    @Nullable
    String fault() {
        return fault;
    }

    /** Why nothing can be, for now, as of the last look; or null. */
    @Nullable
    String shortage() {
        return shortage;
    }

    /** Goes on by one step, if it is time for one. */
    void free() {
        try {
            Begun now = begun;
            if (now != null) {
                finish(now);
            } else if (System.nanoTime() - lookedAt >= TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS)) {
                lookedAt = System.nanoTime();
                look();
                begin(EVERY_MILLIS);
            }
            failing = false;
        } catch (KafkaException e) {
            begun = null;
            shortage = String.valueOf(e.getMessage());
            if (!failing) {
                failing = true;
                log.warn("What is delivered cannot be deleted from Kafka for now: {}", e.getMessage());
            }
        }
    }

    private void look() {
        KafkaTopic.State state = topic.look();
        String now = state.fault();
        if (now != null && fault == null) {
            log.error("Batches are refused: {}", now);
        } else if (now == null && fault != null) {
            log.info("The topic is as it has to be again: batches are taken");
        }
        fault = now;
        shortage = state.shortage();
    }

    /** Reads the ends, and then takes a number; not if another gateway has begun since so many milliseconds. */
    void begin(long sinceMillis) {
        Map<Integer, Long> starts = offsets(OffsetSpec.earliest());
        Map<Integer, Long> ends = offsets(OffsetSpec.latest());
        Long number = store.writeUnsynced(tx -> {
            PreparedStatement begin = tx.statement(BEGIN);
            begin.setLong(1, tx.now());
            begin.setInt(2, topic.number());
            begin.setLong(3, tx.now() - sinceMillis);
            try (ResultSet row = begin.executeQuery()) {
                return row.next() ? row.getLong(1) : null;
            }
        });
        begun = number == null ? null : new Begun(starts, ends, number);
    }

    private Map<Integer, Long> offsets(OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < topic.partitions(); partition++) {
            asked.put(new TopicPartition(topic.name(), partition), spec);
        }
        Map<Integer, Long> offsets = new HashMap<>();
        for (Map.Entry<TopicPartition, ListOffsetsResultInfo> each :
                settings.await(admin.listOffsets(asked).all()).entrySet()) {
            offsets.put(each.getKey().partition(), each.getValue().offset());
        }
        return offsets;
    }

    /** Deletes, if all transactions that had begun before have ended; otherwise it is looked again. */
    private void finish(Begun now) {
        Map<Integer, Long> marks = store.read(tx -> marks(tx, now));
        if (marks == null) {
            return;
        }
        begun = null;
        Map<TopicPartition, RecordsToDelete> passed = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> delivered = new HashMap<>();
        marks.forEach((number, mark) -> {
            var partition = new TopicPartition(topic.name(), number);
            if (mark > now.starts.getOrDefault(number, 0L)) {
                passed.put(partition, RecordsToDelete.beforeOffset(mark));
                delivered.put(partition, new OffsetAndMetadata(mark));
            }
        });
        if (!passed.isEmpty()) {
            sync();
            settings.await(admin.deleteRecords(passed).all());
            settings.await(
                    admin.alterConsumerGroupOffsets(settings.group(), delivered).all());
        }
        for (Map.Entry<Integer, Long> mark : marks.entrySet()) {
            long end = now.ends.getOrDefault(mark.getKey(), 0L);
            moveLittle(topic.segment(mark.getKey()), mark.getValue(), end);
        }
    }

    private void sync() {
        store.write(tx -> {
            tx.change(SYNC, topic.number());
            return null;
        });
    }

    private @Nullable Map<Integer, Long> marks(Tx tx, Begun now) throws SQLException {
        try (ResultSet row = tx.statement(DONE).executeQuery()) {
            row.next();
            if (row.getLong(1) < now.number) {
                return null;
            }
        }
        Map<Integer, Long> marks = new HashMap<>();
        PreparedStatement first = tx.statement(FIRST);
        for (Map.Entry<Integer, Long> end : now.ends.entrySet()) {
            first.setLong(1, topic.segment(end.getKey()));
            first.setLong(2, now.starts.getOrDefault(end.getKey(), 0L));
            try (ResultSet row = first.executeQuery()) {
                marks.put(end.getKey(), row.next() ? Math.min(row.getLong(1), end.getValue()) : end.getValue());
            }
        }
        return marks;
    }

    private void moveLittle(long segment, long mark, long end) {
        long span = (end - mark) / QUARTER;
        if (end - mark < LEAST_SPAN) {
            return;
        }
        long few = span / FEW;
        boolean isLittle = store.read(tx -> {
            PreparedStatement left = tx.statement(LEFT);
            left.setLong(1, segment);
            left.setLong(2, mark);
            left.setLong(3, mark + span);
            left.setLong(4, few + 1);
            try (ResultSet row = left.executeQuery()) {
                row.next();
                return row.getLong(1) <= few && row.getLong(2) <= LITTLE_BYTES;
            }
        });
        if (isLittle) {
            move(segment, mark, mark + span);
        }
    }

    private void move(long segment, long from, long to) {
        while (true) {
            List<Piece> found = store.read(tx -> Pieces.waitingIn(tx, segment, from, to, PIECES_AT_ONCE));
            List<byte[]> bodies = new ArrayList<>(found.size());
            for (Piece piece : found) {
                try {
                    bodies.add(reader.read(piece));
                } catch (IOException e) {
                    // Its lane will find it, put it into quarantine and count it.
                    return;
                }
            }
            if (found.isEmpty()) {
                return;
            }
            store.writeUnsynced(tx -> {
                for (int i = 0; i < bodies.size(); i++) {
                    tx.change(MOVE, bodies.get(i), found.get(i).first(), segment);
                }
                return null;
            });
        }
    }
}
