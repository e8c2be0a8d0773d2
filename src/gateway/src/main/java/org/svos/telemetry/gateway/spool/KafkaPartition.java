package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

/**
 * Reads from one partition, for whoever asks, one after another. It is assigned by hand and is in no group: which lane is whose is
 * decided in the store. A thread of its own, as a consumer belongs to one, and a broker that does not answer holds up its own
 * partitions only.
 */
final class KafkaPartition implements AutoCloseable {

    /** What is read at once: what is asked for, and what lies behind it. */
    static final int FETCH_KIB = 256;

    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaSettings settings;
    private final TopicPartition partition;
    private final KafkaReading records;
    private final ExecutorService thread;
    private @Nullable Consumer<byte[], byte[]> consumer;
    private long position = -1;

    KafkaPartition(KafkaSettings settings, int number, KafkaReading records) {
        this.settings = settings;
        this.records = records;
        partition = new TopicPartition(settings.topic(), number);
        thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("kafka-partition-" + number).factory());
    }

    /** Reads the record at that offset, and gives those behind it to be kept. */
    KafkaReading.Kept read(long offset) throws IOException {
        long deadline = System.nanoTime() + settings.deliveryTimeout().toNanos();
        Future<KafkaReading.Kept> reading;
        try {
            reading = thread.submit(() -> readHere(offset, deadline));
        } catch (RejectedExecutionException e) {
            throw new StoreUnavailableException("The spool is closed", e);
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return reading.get();
                } catch (InterruptedException e) {
                    interrupted = true; // It has an end: the deadline.
                } catch (ExecutionException e) {
                    throw unwrapped(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException unwrapped(ExecutionException e) {
        return switch (e.getCause()) {
            case IOException lost -> lost;
            case RuntimeException failure -> throw failure;
            case Error error -> throw error;
            case null, default -> throw new IllegalStateException(e);
        };
    }

    private KafkaReading.Kept readHere(long offset, long deadline) throws IOException {
        try {
            boolean wasOutOfRange = false;
            while (true) {
                try {
                    return readBefore(deadline, offset);
                } catch (OffsetOutOfRangeException e) {
                    position = -1;
                    if (wasOutOfRange) {
                        throw new IOException(partition + " no longer has the offset " + offset, e);
                    }
                    wasOutOfRange = true; // Once may be a broker that is only just taking over.
                }
            }
        } catch (KafkaException e) {
            if (!(e instanceof RetriableException)) {
                abandon(); // What it is at odds with may be over for the next one.
            }
            throw new StoreUnavailableException(
                    "The spool's Kafka at " + settings.bootstrapServers() + " does not give records: " + e.getMessage(),
                    e);
        }
    }

    private KafkaReading.Kept readBefore(long deadline, long offset) throws IOException {
        Consumer<byte[], byte[]> open = consumer();
        if (position != offset) {
            open.seek(partition, offset);
            position = offset;
        }
        while (System.nanoTime() - deadline < 0) {
            List<ConsumerRecord<byte[], byte[]>> polled = open.poll(POLL).records(partition);
            if (polled.isEmpty()) {
                continue;
            }
            KafkaReading.Kept found = null;
            for (ConsumerRecord<byte[], byte[]> each : polled) {
                var record = new KafkaReading.Kept(
                        each.key() == null ? new byte[0] : each.key(),
                        each.value() == null ? new byte[0] : each.value());
                if (each.offset() == offset) {
                    found = record;
                } else if (record.value().length > 0) {
                    records.keep(new KafkaReading.Place(partition.partition(), each.offset()), record);
                }
            }
            position = polled.getLast().offset() + 1;
            if (found == null) {
                throw new IOException(partition + " has no record at the offset " + offset);
            }
            records.keep(new KafkaReading.Place(partition.partition(), offset), found);
            return found;
        }
        throw new org.apache.kafka.common.errors.TimeoutException("no answer from " + partition);
    }

    private Consumer<byte[], byte[]> consumer() {
        Consumer<byte[], byte[]> open = consumer;
        if (open == null) {
            open = new KafkaConsumer<>(settings.client(Map.of(
                    ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                    ByteArrayDeserializer.class,
                    ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                    ByteArrayDeserializer.class,
                    ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                    false,
                    ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                    "none",
                    ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                    false,
                    ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                    FETCH_KIB << 10,
                    ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                    FETCH_KIB << 10,
                    ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    settings.timeoutMillis())));
            consumer = open;
            position = -1;
            open.assign(List.of(partition));
        }
        return open;
    }

    private void abandon() {
        Consumer<byte[], byte[]> broken = consumer;
        consumer = null;
        if (broken != null) {
            try {
                broken.close(CloseOptions.timeout(Duration.ZERO));
            } catch (InterruptException | IllegalStateException e) {
                // It is not used again.
            }
        }
    }

    @Override
    public void close() {
        if (!thread.isShutdown()) {
            thread.execute(this::abandon);
            thread.close();
        }
    }
}
