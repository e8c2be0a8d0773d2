package org.svos.telemetry.gateway.spool;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.gateway.settings.SettingFault;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.Tx;

/**
 * The topic that pieces lie in. The store has a number for it ({@code spool_topic}), which each row of a piece names beside the
 * partition: so a piece is never looked for in a topic that another setting names, or that was made anew under the same name.
 *
 * <pre>
 * segment of a row := number of the topic × 65,536 + partition
 * place of a row   := offset of the record
 * </pre>
 */
final class KafkaTopic {

    private static final int PARTITIONS = 1 << 16;
    private static final long SEGMENT_BYTES = 64 << 20;
    private static final String FOR_EVER = "-1";

    private static final String NUMBER = """
            insert into spool_topic (cluster_id, topic_id, name, looked_at) values (?, ?, ?, 0)
            on conflict (cluster_id, topic_id) do update set name = excluded.name returning number""";
    private static final String OTHER = """
            select t.name, t.cluster_id, t.number from spool_topic t where t.number <> ? and exists (
                select 1 from spool s where s.segment >= t.number * 65536 and s.segment < (t.number + 1) * 65536)""";
    private static final String KNOWN = "select 1 from spool_topic where number = ?";

    private final Admin admin;
    private final KafkaSettings settings;
    private final long largest;
    private final String id;
    private final int number;
    private volatile int partitions;

    private KafkaTopic(
            Admin admin, KafkaSettings settings, long largest, String id, int number, TopicDescription described) {
        this.admin = admin;
        this.settings = settings;
        this.largest = largest;
        this.id = id;
        this.number = number;
        partitions = described.partitions().size();
    }

    /**
     * The topic of the settings, which is made if it is not there.
     *
     * @param largest record that it has to take, in bytes
     * @throws SettingFault if it cannot be used as it is
     */
    static KafkaTopic open(Admin admin, KafkaSettings settings, long largest, Store store) {
        try {
            String cluster = settings.await(admin.describeCluster().clusterId());
            TopicDescription described = describe(admin, settings);
            if (described == null) {
                make(admin, settings, largest);
                described = await(admin, settings);
            }
            Fault fault = fault(described, config(admin, settings), largest);
            if (fault != null) {
                throw new SettingFault(fault.problem(settings.topic()), fault.remedy(settings.topic()));
            }
            String id = described.topicId().toString();
            int number = store.write(tx -> number(tx, cluster, id, settings.topic()));
            refuseAnother(store, number, settings);
            return new KafkaTopic(admin, settings, largest, id, number, described);
        } catch (KafkaException e) {
            throw new SettingFault(
                    "The spool's Kafka at " + settings.bootstrapServers() + " cannot be used: " + e.getMessage(),
                    "See that it runs, and that TELEMETRY_KAFKA_BOOTSTRAP_SERVERS and TELEMETRY_KAFKA_PROPERTIES_FILE are"
                            + " right. This gateway's user needs Describe, DescribeConfigs, Read, Write and Delete on the topic"
                            + " \"" + settings.topic()
                            + "\" (and Create, if the gateway is to make it), and Read on the group"
                            + " \"" + settings.group() + "\".",
                    e);
        }
    }

    private static @Nullable TopicDescription describe(Admin admin, KafkaSettings settings) {
        try {
            return settings.await(
                            admin.describeTopics(List.of(settings.topic())).allTopicNames())
                    .get(settings.topic());
        } catch (UnknownTopicOrPartitionException e) {
            return null;
        }
    }

    private static Config config(Admin admin, KafkaSettings settings) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, settings.topic());
        return Objects.requireNonNull(
                settings.await(admin.describeConfigs(List.of(resource)).all()).get(resource));
    }

    private static void make(Admin admin, KafkaSettings settings, long largest) {
        var topic = new NewTopic(settings.topic(), settings.partitions(), settings.replication())
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.RETENTION_MS_CONFIG,
                        FOR_EVER,
                        TopicConfig.RETENTION_BYTES_CONFIG,
                        FOR_EVER,
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Long.toString(largest),
                        TopicConfig.SEGMENT_BYTES_CONFIG,
                        Long.toString(Math.max(SEGMENT_BYTES, 2 * largest)),
                        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                        settings.replication() >= 3 ? "2" : "1",
                        TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                        "false",
                        // A host whose clock is ahead is no reason to refuse what it brings.
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        "LogAppendTime"));
        try {
            settings.await(admin.createTopics(List.of(topic)).all());
        } catch (TopicExistsException e) {
            // Another gateway was first.
        }
    }

    /** A topic that was just made is not known to every broker at once. */
    private static TopicDescription await(Admin admin, KafkaSettings settings) {
        long deadline = System.nanoTime() + settings.deliveryTimeout().toNanos();
        while (true) {
            TopicDescription described = describe(admin, settings);
            if (described != null && described.partitions().stream().allMatch(each -> each.leader() != null)) {
                return described;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new org.apache.kafka.common.errors.TimeoutException(
                        "the topic " + settings.topic() + " was made and is not there");
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KafkaException("interrupted", e);
            }
        }
    }

    /** A setting of the topic under which events could be lost, or refused. */
    private record Fault(String setting, String value, String wanted, String why) {

        String problem(String topic) {
            return "The topic \"" + topic + "\" has " + setting + " = " + value + ", and " + why + ".";
        }

        String remedy(String topic) {
            return "Set it to " + wanted + ": kafka-configs.sh --alter --entity-type topics --entity-name " + topic
                    + " --add-config " + setting + "=" + wanted
                    + ". Or name another topic in TELEMETRY_KAFKA_TOPIC; one that is"
                    + " not there is made as it has to be.";
        }
    }

    private static @Nullable Fault fault(TopicDescription described, Config config, long largest) {
        Fault fault = unless(
                config, TopicConfig.CLEANUP_POLICY_CONFIG, "delete", "compaction could remove what waits for delivery");
        if (fault == null) {
            fault = unless(
                    config, TopicConfig.RETENTION_MS_CONFIG, FOR_EVER, "older events would be lost in an outage");
        }
        if (fault == null) {
            fault = unless(config, TopicConfig.RETENTION_BYTES_CONFIG, FOR_EVER, "a backlog would lose its beginning");
        }
        if (fault == null) {
            fault = unless(
                    config,
                    TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                    "false",
                    "a replica that lacks acknowledged events could become the leader");
        }
        String most = value(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        if (fault == null && Long.parseLong(most) < largest) {
            fault = new Fault(
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    most,
                    Long.toString(largest),
                    "batches may be larger (telemetry.intake.max-wire-size)");
        }
        int replicas = described.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
        String insync = value(config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
        if (fault == null && replicas >= 3 && Integer.parseInt(insync) < 2) {
            fault = new Fault(
                    TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                    insync,
                    "2",
                    "events that only one of its " + replicas + " replicas has would be acknowledged");
        }
        if (fault == null && described.partitions().size() > PARTITIONS) {
            fault = new Fault("partitions", described.partitions().size() + "", PARTITIONS + "", "that is too many");
        }
        return fault;
    }

    private static @Nullable Fault unless(Config config, String setting, String wanted, String why) {
        String value = value(config, setting);
        return value.equals(wanted) ? null : new Fault(setting, value, wanted, why);
    }

    private static String value(Config config, String setting) {
        var entry = config.get(setting);
        return entry == null || entry.value() == null ? "" : entry.value();
    }

    private static int number(Tx tx, String cluster, String id, String name) throws SQLException {
        PreparedStatement number = tx.statement(NUMBER);
        number.setString(1, cluster);
        number.setString(2, id);
        number.setString(3, name);
        try (ResultSet row = number.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void refuseAnother(Store store, int number, KafkaSettings settings) {
        String other = store.read(tx -> {
            PreparedStatement statement = tx.statement(OTHER);
            statement.setInt(1, number);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? "topic \"" + row.getString(1) + "\" of the cluster " + row.getString(2) + ", number "
                                + row.getInt(3)
                        : null;
            }
        });
        if (other != null) {
            throw new SettingFault(
                    "Events still wait in another topic than \"" + settings.topic() + "\": in the " + other + ".",
                    "Let TELEMETRY_KAFKA_BOOTSTRAP_SERVERS and TELEMETRY_KAFKA_TOPIC name that one until they are delivered."
                            + " If it was deleted, or made anew under the same name, what lay in it is gone: delete its row from"
                            + " spool_topic, and the lanes put what is missing into quarantine, counted.");
        }
    }

    /**
     * How it is with the topic.
     *
     * @param fault why nothing may be written to it; null: it may
     * @param shortage why nothing can be, for now; null: it can
     */
    record State(@Nullable String fault, @Nullable String shortage) {

        static final State GOOD = new State(null, null);
    }

    /** Looks whether it is still the one that was opened and may be used, and takes over that it has grown. */
    State look() {
        TopicDescription described = describe(admin, settings);
        if (described == null || !described.topicId().toString().equals(id)) {
            return new State(
                    "The topic \"" + settings.topic() + "\" was deleted, or made anew, while this gateway ran."
                            + " Start it again: then it says what to do",
                    null);
        }
        Config config = config(admin, settings);
        Fault fault = fault(described, config, largest);
        if (fault != null) {
            return new State(fault.problem(settings.topic()) + " " + fault.remedy(settings.topic()), null);
        }
        partitions = described.partitions().size();
        int insync = Integer.parseInt(value(config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG));
        for (TopicPartitionInfo partition : described.partitions()) {
            if (partition.leader() == null || partition.isr().size() < insync) {
                return new State(
                        null,
                        "Partition " + partition.partition() + " of the topic \"" + settings.topic() + "\" has "
                                + (partition.leader() == null ? "no leader" : "too few replicas in sync"));
            }
        }
        return State.GOOD;
    }

    String name() {
        return settings.topic();
    }

    int number() {
        return number;
    }

    int partitions() {
        return partitions;
    }

    /** What the rows of pieces in that partition say. */
    long segment(int partition) {
        return (long) number * PARTITIONS + partition;
    }

    /** The partition that a row names, or -1 if it is in another topic. */
    int partition(long segment) {
        return segment / PARTITIONS == number ? (int) (segment % PARTITIONS) : -1;
    }

    /** Whether a row names a topic that is known, though it is not this one. */
    static boolean isKnown(Store store, long segment) {
        return store.read(tx -> {
            PreparedStatement known = tx.statement(KNOWN);
            known.setLong(1, segment / PARTITIONS);
            try (ResultSet row = known.executeQuery()) {
                return row.next();
            }
        });
    }
}
