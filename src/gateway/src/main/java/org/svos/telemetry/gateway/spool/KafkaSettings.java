package org.svos.telemetry.gateway.spool;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.gateway.settings.SettingFault;

/**
 * The Kafka that bodies lie in, with {@code telemetry.spool=kafka}.
 *
 * @param topic that only these gateways write to; made if it is not there
 * @param partitions that it is made with
 * @param replication that it is made with
 * @param group whose offsets say up to where all is delivered; it has no members
 * @param deliveryTimeout for a record to be acknowledged, and for one to be read
 * @param cache of records that were written or read last
 * @param propertiesFile of the client's own properties; empty: none
 */
@ConfigurationProperties("telemetry.kafka")
public record KafkaSettings(
        String bootstrapServers,
        String topic,
        int partitions,
        short replication,
        String group,
        Duration deliveryTimeout,
        DataSize cache,
        String propertiesFile) {

    private static final Duration LEAST_TIMEOUT = Duration.ofMillis(250);
    private static final int MOST_PARTITIONS = 1_000;

    public KafkaSettings {
        check("partitions must be 1 to " + MOST_PARTITIONS, partitions >= 1 && partitions <= MOST_PARTITIONS);
        check("replication must be 1 or more", replication >= 1);
        check("delivery-timeout must be 250ms or more", deliveryTimeout.compareTo(LEAST_TIMEOUT) >= 0);
        check("cache must not be negative", !cache.isNegative());
        check("topic must be 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'", topic.matches("[a-zA-Z0-9._-]{1,249}"));
        check("group must not be empty", !group.isBlank());
    }

    private static void check(String rule, boolean good) {
        if (!good) {
            throw new IllegalArgumentException("telemetry.kafka." + rule);
        }
    }

    int timeoutMillis() {
        return Math.toIntExact(deliveryTimeout.toMillis());
    }

    /** What each client is to know: that of the file, and over it what this program depends on. */
    Map<String, Object> client(Map<String, Object> own) {
        if (bootstrapServers.isBlank()) {
            throw new SettingFault(
                    "telemetry.spool is kafka, and telemetry.kafka.bootstrap-servers (TELEMETRY_KAFKA_BOOTSTRAP_SERVERS) is not set.",
                    "Set it to some of the brokers: kafka-1:9092,kafka-2:9092.");
        }
        Map<String, Object> all = new HashMap<>();
        read().forEach((key, value) -> all.put(key.toString(), value));
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(CommonClientConfigs.CLIENT_ID_CONFIG, "telemetry-gateway");
        all.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis());
        all.put(CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, timeoutMillis());
        all.put(CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, timeoutMillis());
        all.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, timeoutMillis() / 4);
        all.put(CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG, timeoutMillis() / 4);
        all.put("enable.metrics.push", false);
        all.putAll(own);
        return all;
    }

    /** Waits for an answer, as long as is set, and throws what it failed with. */
    <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get(deliveryTimeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException failure ? failure : new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new org.apache.kafka.common.errors.TimeoutException("no answer within " + deliveryTimeout, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted", e);
        }
    }

    private Properties read() {
        Properties properties = new Properties();
        if (!propertiesFile.isEmpty()) {
            try (Reader file = Files.newBufferedReader(Path.of(propertiesFile))) {
                properties.load(file);
            } catch (IOException | IllegalArgumentException e) {
                throw new SettingFault(
                        "The file of properties for Kafka, " + propertiesFile + ", cannot be read: " + e.getMessage(),
                        "Let TELEMETRY_KAFKA_PROPERTIES_FILE name a file of Kafka's client properties that this process"
                                + " may read.",
                        e);
            }
        }
        return properties;
    }
}
