package org.svos.telemetry.gateway.spool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

/**
 * Writes records, all of a group at once, and waits until every one is acknowledged by all replicas in sync.
 *
 * <p>Who sends holds locks of databases that other gateways wait for. So after a failure nothing is tried with them held: what comes
 * is refused at once, until a record without a piece, sent beside, has been acknowledged by the partition that failed.
 */
final class KafkaSending implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaSending.class);

    private static final long PAUSE_MILLIS = 200;
    private static final int BATCH_BYTES = 256 << 10;

    private final KafkaSettings settings;
    private final int largest;
    private volatile Producer<byte[], byte[]> producer;
    private volatile @Nullable String trouble;
    private volatile boolean closed;

    KafkaSending(KafkaSettings settings, int largest) {
        this.settings = settings;
        this.largest = largest;
        producer = producer();
    }

    private Producer<byte[], byte[]> producer() {
        int timeout = settings.timeoutMillis();
        return new KafkaProducer<>(settings.client(Map.of(
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                "none", // Bodies come compressed.
                ProducerConfig.LINGER_MS_CONFIG,
                0, // All that there is to wait for was gathered before.
                ProducerConfig.BATCH_SIZE_CONFIG,
                BATCH_BYTES,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                largest,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                timeout,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                timeout)));
    }

    /**
     * Writes records.
     *
     * @return their offsets
     * @throws StoreUnavailableException if one of them was not acknowledged in time; it may have been written all the same
     */
    long[] send(List<ProducerRecord<byte[], byte[]>> records) {
        String why = trouble;
        if (why != null) {
            throw unavailable(why, null);
        }
        long deadline = System.nanoTime() + settings.deliveryTimeout().toNanos();
        List<Future<RecordMetadata>> sent = new ArrayList<>(records.size());
        for (ProducerRecord<byte[], byte[]> record : records) {
            if (System.nanoTime() - deadline > 0) {
                break; // The first has waited for a broker, and in vain.
            }
            try {
                sent.add(producer.send(record));
            } catch (KafkaException | IllegalStateException e) {
                throw failed(record, e);
            }
        }
        long[] offsets = new long[records.size()];
        for (int i = 0; i < offsets.length; i++) {
            if (i == sent.size()) {
                throw failed(records.get(i), new TimeoutException("no acknowledgement in time"));
            }
            offsets[i] = offset(records.get(i), sent.get(i), deadline);
        }
        return offsets;
    }

    private long offset(ProducerRecord<byte[], byte[]> record, Future<RecordMetadata> sent, long deadline) {
        try {
            RecordMetadata metadata = sent.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (!metadata.hasOffset()) {
                // A repetition of what the broker had already, and it no longer knows where.
                throw unavailable("the broker does not say where it has put a record", null);
            }
            return metadata.offset();
        } catch (ExecutionException e) {
            throw failed(record, e.getCause());
        } catch (TimeoutException e) {
            throw failed(record, new TimeoutException("no acknowledgement in time"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("interrupted", e);
        }
    }

    private StoreUnavailableException failed(ProducerRecord<byte[], byte[]> record, @Nullable Throwable cause) {
        String why = String.valueOf(cause == null ? null : cause.getMessage());
        synchronized (this) {
            if (trouble == null && !closed) {
                trouble = why;
                boolean anew = !(cause instanceof RetriableException || cause instanceof TimeoutException);
                Thread.ofVirtual().name("kafka-probe").start(() -> probe(record.partition(), anew));
            }
        }
        return unavailable(why, cause);
    }

    private StoreUnavailableException unavailable(String why, @Nullable Throwable cause) {
        return new StoreUnavailableException(
                "The spool's Kafka at " + settings.bootstrapServers() + " does not take records: " + why, cause);
    }

    /**
     * Tries until the partition takes a record again.
     *
     * @param first whether the producer may be what is broken, and is to be made anew
     */
    private void probe(Integer partition, boolean first) {
        boolean anew = first;
        while (!closed) {
            try {
                if (anew) {
                    Producer<byte[], byte[]> broken = producer;
                    producer = producer();
                    broken.close(Duration.ZERO);
                }
                producer.send(new ProducerRecord<>(settings.topic(), partition, null, new byte[0]))
                        .get(2L * settings.timeoutMillis(), TimeUnit.MILLISECONDS);
                log.info("Kafka takes records again");
                trouble = null;
                return;
            } catch (ExecutionException e) {
                trouble = String.valueOf(
                        e.getCause() == null ? null : e.getCause().getMessage());
                anew = !(e.getCause() instanceof RetriableException);
            } catch (TimeoutException | KafkaException | IllegalStateException e) {
                anew = true;
            } catch (InterruptedException e) {
                return; // Nobody does that.
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Why nothing is sent for now, or null. */
    @Nullable
    String trouble() {
        return trouble;
    }

    @Override
    public void close() {
        closed = true;
        producer.close(Duration.ofMillis(settings.timeoutMillis()));
    }
}
