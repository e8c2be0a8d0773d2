package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.StoreUnavailableException;
import org.svos.telemetry.gateway.store.TestServer;

/** What is deleted from the topic, and when; and what is written in vain. */
class KafkaLogTest {

    private static final long PARKED = 1;
    private static final int LANES = 400;

    private final String topic = TestKafka.topic();
    /** One partition, so that a test knows where its records are. */
    private final KafkaSettings settings = new KafkaSettings(
            TestKafka.bootstrapServers(),
            topic,
            1,
            (short) 1,
            "group-of-" + topic,
            Duration.ofSeconds(2),
            DataSize.ofBytes(0),
            "");

    private final TopicPartition partition = new TopicPartition(topic, 0);
    private final Admin admin = TestKafka.admin();
    private Rooms rooms;
    private KafkaLog log;

    @BeforeEach
    void open() {
        Store store = TestServer.open(TestServer.database(), null);
        rooms = new Rooms(store, TestKafka.bodies(store, settings), Rooms.SETTINGS);
        log = log(admin);
    }

    private KafkaLog log(Admin through) {
        KafkaTopic opened = KafkaTopic.open(admin, settings, 1 << 20, rooms.store);
        return new KafkaLog(
                rooms.store, settings, through, opened, piece -> rooms.bodies.read(piece, 0, piece.length()));
    }

    @AfterEach
    void close() {
        rooms.close();
        admin.close();
    }

    private static SpooledBatch batch(long databaseId, String key) {
        return new SpooledBatch(
                0,
                databaseId,
                Rooms.sandbox(1),
                key,
                Instant.EPOCH,
                1,
                10,
                PayloadLimits.CONTRACT,
                Encoding.IDENTITY,
                new byte[100]);
    }

    private List<String> keys(long databaseId) {
        return rooms.spool.next(databaseId, rooms.spool.cursor(databaseId).passed(), 100, 1 << 20).stream()
                .map(SpooledBatch::key)
                .toList();
    }

    private void pass(long databaseId) {
        List<SpooledBatch> all = rooms.spool.next(databaseId, 0, 100, 1 << 20);
        rooms.store.write(tx -> {
            rooms.spool.pass(tx, databaseId, all.getLast().position());
            return null;
        });
    }

    /** One round of deletion, which is not waited for to be due. */
    private void free() {
        log.begin(0);
        log.free();
    }

    private long start() {
        return offset(OffsetSpec.earliest());
    }

    private long end() {
        return offset(OffsetSpec.latest());
    }

    private long offset(OffsetSpec spec) {
        return settings.await(admin.listOffsets(Map.of(partition, spec)).partitionResult(partition))
                .offset();
    }

    @Test
    void whatIsDeliveredIsDeletedAndNothingElseAndTheGroupSaysHowFar() throws Exception {
        rooms.append(List.of(batch(1, "a")));
        rooms.append(List.of(batch(2, "b")));
        rooms.append(List.of(batch(1, "c")));
        free();
        assertThat(start()).isZero();

        pass(1);
        free();
        assertThat(start()).isEqualTo(1);
        assertThat(keys(2)).containsExactly("b");

        pass(2);
        free();
        assertThat(start()).isEqualTo(end()).isEqualTo(3);
        assertThat(admin.listConsumerGroupOffsets(settings.group())
                        .partitionsToOffsetAndMetadata()
                        .get())
                .containsEntry(partition, new OffsetAndMetadata(3));
    }

    /** A server that crashed then would have the lane want again what is gone: its settlements are not synced one by one. */
    @Test
    void nothingIsDeletedBeforeTheSettlementsThatAllowItAreOnTheServersDisk() {
        TestServer.run("alter system set wal_writer_delay = '10s'"); // Else it syncs by itself five times a second.
        TestServer.run("select pg_reload_conf()");
        try {
            AtomicReference<String> settledAt = new AtomicReference<>();
            List<Boolean> synced = new ArrayList<>();
            KafkaLog watched = log((Admin) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Admin.class}, (_, method, arguments) -> {
                        if (method.getName().equals("deleteRecords")) {
                            synced.add(isSynced(settledAt.get()));
                        }
                        return method.invoke(admin, arguments);
                    }));
            rooms.append(List.of(batch(1, "a")));
            watched.begin(0);
            long last = rooms.spool.next(1, 0, 1, 1 << 20).getFirst().position();
            rooms.store.writeUnsynced(tx -> {
                rooms.spool.pass(tx, 1, last);
                return null;
            });
            settledAt.set(text("select cast(pg_current_wal_insert_lsn() as text)"));
            watched.free();

            assertThat(synced).containsExactly(true);
            assertThat(start()).isEqualTo(1);
        } finally {
            TestServer.run("alter system reset wal_writer_delay");
            TestServer.run("select pg_reload_conf()");
        }
    }

    private boolean isSynced(String place) {
        return text("select cast(pg_current_wal_flush_lsn() >= cast('" + place + "' as pg_lsn) as text)")
                .equals("true");
    }

    private String text(String sql) {
        return rooms.store.read(tx -> {
            try (var row = tx.statement(sql).executeQuery()) {
                row.next();
                return row.getString(1);
            }
        });
    }

    @Test
    void whatWasAcknowledgedAndIsNotYetCommittedIsKeptHoweverLongThatTakes() throws Exception {
        CountDownLatch acknowledged = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> deciding = threads.submit(() -> {
                rooms.store.decide(Set.of(1L), decision -> {
                    rooms.spool.append(decision, List.of(batch(1, "late")));
                    acknowledged.countDown();
                    await(goOn);
                    return null;
                });
            });
            await(acknowledged);
            log.begin(0);
            for (int i = 0; i < 5; i++) {
                log.free();
                assertThat(start()).isZero();
            }
            goOn.countDown();
            deciding.get();
        }
        log.free();

        assertThat(end()).isEqualTo(1);
        assertThat(start()).isZero();
        assertThat(keys(1)).containsExactly("late");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatWasAcknowledgedAndNeverCommittedIsReadByNobodyAndDeleted() {
        assertThatThrownBy(() -> rooms.store.decide(Set.of(1L), decision -> {
                    rooms.spool.append(decision, List.of(batch(1, "void")));
                    throw new IllegalStateException("the process ends here");
                }))
                .hasMessage("the process ends here");
        rooms.append(List.of(batch(1, "good")));

        assertThat(end()).isEqualTo(2);
        assertThat(keys(1)).containsExactly("good");
        free();
        assertThat(start()).isEqualTo(1);
    }

    @Test
    void littleThatAParkedLaneHoldsIsMovedOutOfTheLogsWayAndReadAllTheSame() {
        rooms.append(List.of(batch(PARKED, "parked")));
        for (int i = 0; i < 4; i++) {
            List<SpooledBatch> others = new ArrayList<>();
            for (int lane = 0; lane < LANES; lane++) {
                others.add(batch(10 + lane, "k" + i));
            }
            rooms.append(others);
        }
        rooms.store.write(tx -> tx.statement(
                        "insert into lane (database_id, passed, settled, head_events, head_bytes)"
                                + " select database_id, max(last), 0, 0, 0 from spool where database_id <> 1 group by database_id")
                .executeUpdate());
        free();
        assertThat(start()).isZero();
        free();

        assertThat(start()).isEqualTo(end()).isEqualTo(1 + 4 * LANES);
        assertThat(keys(PARKED)).containsExactly("parked");
    }

    @Test
    void aBacklogIsLeftWhereItIs() {
        for (int i = 0; i < 4; i++) {
            List<SpooledBatch> all = new ArrayList<>();
            for (int lane = 0; lane < LANES; lane++) {
                all.add(batch(10 + lane, "k" + i));
            }
            rooms.append(all);
        }
        free();
        free();

        assertThat(rooms.store.<Long>read(tx -> {
                    try (var row = tx.statement("select count(*) from spool where segment is null")
                            .executeQuery()) {
                        row.next();
                        return row.getLong(1);
                    }
                }))
                .isZero();
    }

    @Test
    void aTopicThatWouldLoseEventsIsNotWrittenToAnyMore() throws Exception {
        alter("retention.ms", "1000");
        rooms.bodies.free();

        assertThat(rooms.bodies.trouble()).contains("retention.ms", "1000", "-1");
        assertThatThrownBy(() -> rooms.append(List.of(batch(1, "a"))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("retention.ms");
        assertThat(end()).isZero();
    }

    private void alter(String setting, String value) throws ExecutionException, InterruptedException {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        admin.incrementalAlterConfigs(Map.of(
                        resource,
                        List.of(new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }
}
