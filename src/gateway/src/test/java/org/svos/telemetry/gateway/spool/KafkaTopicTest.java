package org.svos.telemetry.gateway.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;
import org.svos.telemetry.event.PayloadLimits;
import org.svos.telemetry.gateway.admission.Rooms;
import org.svos.telemetry.gateway.settings.SettingFault;
import org.svos.telemetry.gateway.store.Store;
import org.svos.telemetry.gateway.store.TestServer;

/** Which topics a gateway starts with. */
class KafkaTopicTest {

    private static final Map<String, String> GOOD = Map.of("retention.ms", "-1", "max.message.bytes", "9000000");

    private final String database = TestServer.database();
    private final String topic = TestKafka.topic();

    private void make(Map<String, String> settings) throws Exception {
        try (Admin admin = TestKafka.admin()) {
            admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1).configs(settings)))
                    .all()
                    .get();
        }
    }

    private void start(String name) {
        Store store = TestServer.open(database, null);
        new Rooms(store, TestKafka.bodies(store, name), Rooms.SETTINGS).close();
    }

    @ParameterizedTest
    @CsvSource({
        "retention.ms, 604800000, -1",
        "retention.bytes, 1000000000, -1",
        "cleanup.policy, compact, delete",
        "max.message.bytes, 1048588, 8519680",
        "unclean.leader.election.enable, true, false",
    })
    void oneThatCouldLoseEventsOrRefuseThemIsRefusedInWords(String setting, String value, String wanted)
            throws Exception {
        Map<String, String> settings = new HashMap<>(GOOD);
        settings.put(setting, value);
        make(settings);

        assertThatThrownBy(() -> start(topic))
                .isInstanceOf(SettingFault.class)
                .hasMessageContaining(topic)
                .hasMessageContaining(setting + " = " + value)
                .extracting("remedy")
                .asString()
                .contains("--add-config " + setting + "=" + wanted);
    }

    @Test
    void oneThatIsGoodIsTakenAndAnotherIsRefusedWhileSomethingWaitsInIt() throws Exception {
        make(GOOD);
        Store store = TestServer.open(database, null);
        try (Rooms rooms = new Rooms(store, TestKafka.bodies(store, topic), Rooms.SETTINGS)) {
            rooms.append(List.of(new SpooledBatch(
                    0,
                    1,
                    Rooms.sandbox(1),
                    "k",
                    Instant.EPOCH,
                    1,
                    1,
                    PayloadLimits.CONTRACT,
                    Encoding.IDENTITY,
                    new byte[1])));
        }

        assertThatThrownBy(() -> start(topic + "-other"))
                .isInstanceOf(SettingFault.class)
                .hasMessageContaining("Events still wait")
                .hasMessageContaining("\"" + topic + "\"");
        start(topic);
    }

    @Test
    void whereNobodyAnswersTheStartFailsInWordsAndSoon() {
        KafkaSettings nobody = new KafkaSettings(
                "127.0.0.1:1", topic, 1, (short) 1, "g", Duration.ofMillis(500), DataSize.ofBytes(0), "");
        Store store = TestServer.open(database, null);

        assertThatThrownBy(() -> TestKafka.bodies(store, nobody))
                .isInstanceOf(SettingFault.class)
                .hasMessageContaining("127.0.0.1:1");
    }

    @Test
    void rowsSayWhichTopicTheyMean() {
        Store store = TestServer.open(database, null);
        try (Admin admin = TestKafka.admin();
                store) {
            KafkaTopic one = KafkaTopic.open(admin, TestKafka.settings(TestKafka.bootstrapServers(), topic), 1, store);
            KafkaTopic same = KafkaTopic.open(admin, TestKafka.settings(TestKafka.bootstrapServers(), topic), 1, store);
            KafkaTopic other =
                    KafkaTopic.open(admin, TestKafka.settings(TestKafka.bootstrapServers(), topic + "-b"), 1, store);

            assertThat(same.number()).isEqualTo(one.number());
            assertThat(one.partition(same.segment(2))).isEqualTo(2);
            assertThat(one.partition(other.segment(2))).isEqualTo(-1);
            assertThat(KafkaTopic.isKnown(store, other.segment(0))).isTrue();
            assertThat(KafkaTopic.isKnown(store, Long.MAX_VALUE)).isFalse();
        }
    }
}
