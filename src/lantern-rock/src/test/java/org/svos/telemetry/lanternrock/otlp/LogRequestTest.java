package org.svos.telemetry.lanternrock.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Session;
import org.svos.telemetry.lanternrock.TelemetryRecord;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;

/** What a delivery becomes in OTLP. */
class LogRequestTest {

    private static final String SANDBOX = "00000000-1111-2222-3333-444444444444";
    private static final Instant TIME = Instant.parse("2026-11-22T09:31:00.123456789Z");

    @Test
    void resourceScopeAndRecordSayAllThatIsKnown() throws Exception {
        var session = new Session("2@" + TIME, "startup", TIME, Duration.ofMillis(1500));
        var record = new TelemetryRecord(
                "loaded", 1, 0, new Segments("message", 3, 77L, 1, 412, "insmod"), TIME, session.id(), "{\"a\":1}");
        var logs = request(new Delivery(
                        "lab",
                        "k1",
                        SANDBOX,
                        new Delivery.Application("hello", "1.0.0"),
                        new Delivery.Host("h1", "lab-17", "b1", "6.1.0-40-amd64", "1.2.3"),
                        List.of(session),
                        List.of(record)))
                .getResourceLogs(0);
        assertThat(attributes(logs.getResource().getAttributesList()))
                .containsOnly(
                        Map.entry("svos.telemetry.database", "lab"),
                        Map.entry("svos.telemetry.sandbox", SANDBOX),
                        Map.entry("service.name", "hello"),
                        Map.entry("service.version", "1.0.0"),
                        Map.entry("host.id", "h1"),
                        Map.entry("host.name", "lab-17"),
                        Map.entry("svos.telemetry.boot_id", "b1"),
                        Map.entry("os.type", "linux"),
                        Map.entry("os.version", "6.1.0-40-amd64"));
        assertThat(logs.getScopeLogs(0).getScope().getName()).isEqualTo("svos-kernel-telemetry-host");
        assertThat(logs.getScopeLogs(0).getScope().getVersion()).isEqualTo("1.2.3");
        LogRecord log = logs.getScopeLogs(0).getLogRecords(0);
        assertThat(log.getTimeUnixNano()).isEqualTo(1_795_339_860_123_456_789L);
        assertThat(log.getObservedTimeUnixNano()).isEqualTo(log.getTimeUnixNano());
        assertThat(log.getEventName()).isEqualTo("svos.telemetry.message.loaded");
        assertThat(log.getBody().getKvlistValue().getValues(0).getKey()).isEqualTo("a");
        assertThat(log.getBody().getKvlistValue().getValues(0).getValue().getIntValue())
                .isEqualTo(1);
        assertThat(attributes(log.getAttributesList()))
                .containsOnly(
                        Map.entry("log.record.uid", "k1#0"),
                        Map.entry("svos.telemetry.kind", "message"),
                        Map.entry("svos.telemetry.name", "loaded"),
                        Map.entry("svos.telemetry.seq", 3L),
                        Map.entry("svos.telemetry.boot_time_ns", 77L),
                        Map.entry("cpu.logical_number", 1L),
                        Map.entry("process.pid", 412L),
                        Map.entry("thread.name", "insmod"),
                        Map.entry("session.id", SANDBOX + "/h1/b1/2@" + TIME),
                        Map.entry("svos.telemetry.session.name", "startup"),
                        Map.entry("svos.telemetry.session.start", TIME.toString()),
                        Map.entry("svos.telemetry.session.duration_ns", 1_500_000_000L));
    }

    @Test
    void theLeastRecordSaysNoMoreThanIsKnown() throws Exception {
        LogRecord log = log(TIME, null);
        assertThat(log.hasBody()).isFalse();
        assertThat(attributes(log.getAttributesList()))
                .containsOnlyKeys("log.record.uid", "svos.telemetry.kind", "svos.telemetry.seq");
        assertThat(log.getEventName()).isEqualTo("svos.telemetry.message");
    }

    @Test
    void theSameDeliveryIsTheSameBytes() throws Exception {
        assertThat(log(TIME, "{\"a\":{\"b\":[1,2.5,null]}}").toByteArray())
                .isEqualTo(log(TIME, "{\"a\":{\"b\":[1,2.5,null]}}").toByteArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2300-01-01T00:00:00Z", "9999-12-31T23:59:59Z"})
    void aTimeThatOtlpCannotSayIsToldInWords(String time) throws Exception {
        LogRecord log = log(Instant.parse(time), null);
        assertThat(log.getTimeUnixNano()).isZero();
        assertThat(attributes(log.getAttributesList())).containsEntry("svos.telemetry.time", time);
    }

    @Test
    void aTextThatWasNoJsonIsTheBodyAndTheMarkAnAttribute() throws Exception {
        LogRecord log = log(TIME, "{\"_raw\":\"}{\",\"_error\":\"no JSON\"}");
        assertThat(log.getBody().getStringValue()).isEqualTo("}{");
        assertThat(attributes(log.getAttributesList())).containsEntry("svos.telemetry.payload_error", "no JSON");
    }

    @Test
    void whatOnlyLooksLikeTheMarkIsAnObject() throws Exception {
        assertThat(log(TIME, "{\"_raw\":1,\"_error\":\"x\"}").getBody().hasKvlistValue())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"n\":12345678901234567890}",
                "{\"n\":0.1000000000000000000000000000000000000001}",
                "{\"n\":1E400}",
                "{\"n\":1E99999999999}",
                "{\"n\":9007199254740993.0}",
            })
    void aNumberThatOtlpCannotSayIsItsDigitsAndTheTextGoesAlong(String payload) throws Exception {
        LogRecord log = log(TIME, payload);
        String digits = payload.substring(5, payload.length() - 1);
        assertThat(log.getBody().getKvlistValue().getValues(0).getValue().getStringValue())
                .isEqualTo(digits);
        assertThat(attributes(log.getAttributesList())).containsEntry("log.record.original", payload);
    }

    @Test
    void whatOtlpCanSayNeedsNoText() throws Exception {
        LogRecord log = log(
                TIME,
                "{\"a\":-9223372036854775808,\"b\":0.1,\"c\":1.50,\"d\":1e5,\"e\":-0,\"f\":[true,null,{}],\"g\":\"\\ud83d\\ude80\"}");
        assertThat(attributes(log.getAttributesList())).doesNotContainKey("log.record.original");
        List<KeyValue> members = log.getBody().getKvlistValue().getValuesList();
        assertThat(members.get(0).getValue().getIntValue()).isEqualTo(Long.MIN_VALUE);
        assertThat(members.get(1).getValue().getDoubleValue()).isEqualTo(0.1);
        assertThat(members.get(2).getValue().getDoubleValue()).isEqualTo(1.5);
        assertThat(members.get(3).getValue().getDoubleValue()).isEqualTo(100_000.0);
        assertThat(members.get(4).getValue().getDoubleValue()).isEqualTo(-0.0);
        assertThat(members.get(5).getValue().getArrayValue().getValues(1).getValueCase())
                .isEqualTo(AnyValue.ValueCase.VALUE_NOT_SET);
        assertThat(members.get(6).getValue().getStringValue()).isEqualTo("🚀");
    }

    @Test
    void aKeyThatComesTwiceIsThereOnceWithItsLastValue() throws Exception {
        LogRecord log = log(TIME, "{\"a\":1,\"b\":2,\"a\":3}");
        assertThat(log.getBody().getKvlistValue().getValuesList())
                .extracting(member -> member.getKey() + member.getValue().getIntValue())
                .containsExactly("a3", "b2");
        assertThat(attributes(log.getAttributesList())).containsKey("log.record.original");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LogBody.MAX_DEPTH, LogBody.MAX_DEPTH + 1, 64, 500})
    void howeverDeepAPayloadIsAReceiverCanReadIt(int depth) throws Exception {
        String payload = "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
        // Parsing it by protobuf's own bound of nesting is the test; request() does.
        LogRecord log = log(TIME, payload);
        assertThat(attributes(log.getAttributesList()).containsKey("log.record.original"))
                .isEqualTo(depth > LogBody.MAX_DEPTH + 1);
    }

    @Test
    void halfASurrogatePairIsMarked() throws Exception {
        LogRecord log = log(TIME, "{\"a\":\"\\ud83d\"}");
        assertThat(log.getBody().getKvlistValue().getValues(0).getValue().getStringValue())
                .isEqualTo("?");
        assertThat(attributes(log.getAttributesList())).containsEntry("log.record.original", "{\"a\":\"\\ud83d\"}");
    }

    private static LogRecord log(Instant time, @Nullable String payload) throws InvalidProtocolBufferException {
        var record = new TelemetryRecord(
                null, 1, 0, new Segments("message", 1, null, null, null, null), time, null, payload);
        return request(new Delivery("lab", "k1", SANDBOX, null, null, List.of(), List.of(record)))
                .getResourceLogs(0)
                .getScopeLogs(0)
                .getLogRecords(0);
    }

    /** By way of its bytes, as a receiver has it. */
    private static ExportLogsServiceRequest request(Delivery delivery) throws InvalidProtocolBufferException {
        return ExportLogsServiceRequest.parseFrom(LogRequest.of(delivery).toByteArray());
    }

    private static Map<String, Object> attributes(List<KeyValue> attributes) {
        var found = new LinkedHashMap<String, Object>();
        for (KeyValue attribute : attributes) {
            AnyValue value = attribute.getValue();
            found.put(attribute.getKey(), value.hasIntValue() ? (Object) value.getIntValue() : value.getStringValue());
        }
        assertThat(found).hasSize(attributes.size());
        return found;
    }
}
