package org.svos.telemetry.lanternrock.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Session;
import org.svos.telemetry.lanternrock.TelemetryRecord;

/**
 * A delivery as an OTLP request: one resource, one scope, a log record for each of its records. The same delivery is the same
 * bytes, however often it is sent.
 *
 * <pre>
 * resource   svos.telemetry.database "lab"            service.name    "hello"
 *            svos.telemetry.sandbox  "00000000-…"     service.version "1.0.0"
 *            host.id, host.name, svos.telemetry.boot_id, os.type "linux", os.version (the kernel's)
 * scope      svos-kernel-telemetry-host, the host loader's version
 * log record time_unix_nano, observed_time_unix_nano  when the call was captured, which is when it was observed
 *            event_name             "svos.telemetry.message.loaded"; without a name for the other four kinds
 *            body                   the payload
 *            svos.telemetry.kind, .name, .seq, .boot_time_ns; .count and .sum where they are not 1 and 0
 *            cpu.logical_number, process.pid, thread.name (the task's comm)
 *            log.record.uid         the delivery's key and the record's place in it: the same at each attempt
 *            session.id, svos.telemetry.session.name, .start, .duration_ns (once the end is known)
 *            log.record.original    the payload's own text, where {@link LogBody} cannot say all of it
 *            svos.telemetry.payload_error  why the payload was no JSON; the body is its text then
 * </pre>
 */
final class LogRequest {

    private final Delivery delivery;
    private final Map<String, Session> sessions = new HashMap<>();

    private LogRequest(Delivery delivery) {
        this.delivery = delivery;
        delivery.sessions().forEach(session -> sessions.put(session.id(), session));
    }

    static ExportLogsServiceRequest of(Delivery delivery) {
        return new LogRequest(delivery).request();
    }

    private ExportLogsServiceRequest request() {
        InstrumentationScope.Builder scope = InstrumentationScope.newBuilder().setName(OtlpNames.SCOPE);
        if (delivery.host() != null && delivery.host().loaderVersion() != null) {
            scope.setVersionBytes(utf8(delivery.host().loaderVersion()));
        }
        ScopeLogs.Builder logs = ScopeLogs.newBuilder().setScope(scope);
        for (int i = 0; i < delivery.records().size(); i++) {
            logs.addLogRecords(record(i, delivery.records().get(i)));
        }
        return ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(
                        ResourceLogs.newBuilder().setResource(resource()).addScopeLogs(logs))
                .build();
    }

    private Resource.Builder resource() {
        Resource.Builder resource = Resource.newBuilder()
                .addAttributes(attribute(OtlpNames.DATABASE, delivery.database()))
                .addAttributes(attribute(OtlpNames.SANDBOX, delivery.telemetryId()));
        if (delivery.application() != null) {
            add(resource, OtlpNames.SERVICE_NAME, delivery.application().name());
            add(resource, OtlpNames.SERVICE_VERSION, delivery.application().version());
        }
        if (delivery.host() != null) {
            add(resource, OtlpNames.HOST_ID, delivery.host().id());
            add(resource, OtlpNames.HOST_NAME, delivery.host().name());
            add(resource, OtlpNames.BOOT_ID, delivery.host().bootId());
            if (delivery.host().kernel() != null) {
                add(resource, OtlpNames.OS_TYPE, "linux");
                add(resource, OtlpNames.OS_VERSION, delivery.host().kernel());
            }
        }
        return resource;
    }

    private LogRecord record(int place, TelemetryRecord record) {
        TelemetryRecord.Segments segments = record.segments();
        LogRecord.Builder log = LogRecord.newBuilder().setEventNameBytes(eventName(record));
        time(log, record.time());
        add(log, OtlpNames.RECORD_ID, delivery.idempotencyKey() + "#" + place);
        add(log, OtlpNames.KIND, segments.kind());
        add(log, OtlpNames.NAME, record.name());
        add(log, OtlpNames.SEQ, segments.seq());
        add(log, OtlpNames.BOOT_TIME_NS, segments.bootTimeNs());
        if (record.count() != 1) {
            add(log, OtlpNames.COUNT, record.count());
        }
        if (record.sum() != 0) {
            log.addAttributesBuilder().setKey(OtlpNames.SUM).getValueBuilder().setDoubleValue(record.sum());
        }
        add(log, OtlpNames.CPU, whole(segments.cpu()));
        add(log, OtlpNames.PID, whole(segments.pid()));
        add(log, OtlpNames.COMM, segments.comm());
        session(log, record.session() == null ? null : sessions.get(record.session()));
        payload(log, record.attachment());
        return log.build();
    }

    private static ByteString eventName(TelemetryRecord record) {
        String kind = record.segments().kind();
        boolean isNamed = kind.equals("message") && record.name() != null;
        return utf8(OtlpNames.EVENT + kind + (isNamed ? "." + record.name() : ""));
    }

    /** OTLP counts nanoseconds in 64 bits, which many receivers take for signed, and 0 for unknown. */
    private static void time(LogRecord.Builder log, Instant time) {
        long nanos = 0;
        try {
            nanos = Math.addExact(
                    Math.multiplyExact(time.getEpochSecond(), TimeUnit.SECONDS.toNanos(1)), time.getNano());
        } catch (ArithmeticException e) {
            // Before 1677 or after 2262: told in words below.
        }
        if (nanos <= 0) {
            add(log, OtlpNames.TIME, time.toString());
            return;
        }
        log.setTimeUnixNano(nanos).setObservedTimeUnixNano(nanos);
    }

    private void session(LogRecord.Builder log, @Nullable Session session) {
        if (session == null) {
            return;
        }
        // A session's own id is unique on one boot of one host, and for one sandbox.
        var id = new StringJoiner("/").add(delivery.telemetryId());
        if (delivery.host() != null && delivery.host().id() != null) {
            id.add(delivery.host().id());
        }
        if (delivery.host() != null && delivery.host().bootId() != null) {
            id.add(delivery.host().bootId());
        }
        add(log, OtlpNames.SESSION_ID, id.add(session.id()).toString());
        add(log, OtlpNames.SESSION_NAME, session.name());
        add(log, OtlpNames.SESSION_START, session.start().toString());
        add(log, OtlpNames.SESSION_DURATION_NS, nanos(session.duration()));
    }

    private static void payload(LogRecord.Builder log, @Nullable String json) {
        if (json == null) {
            return;
        }
        LogBody.Body body = LogBody.of(json);
        log.setBody(body.value());
        add(log, OtlpNames.UNREADABLE, body.unreadable());
        if (!body.isExact()) {
            add(log, OtlpNames.ORIGINAL, json);
        }
    }

    /** Null for one of over 292 years too, which two made-up times can come to. */
    private static @Nullable Long nanos(@Nullable Duration duration) {
        try {
            return duration == null ? null : duration.toNanos();
        } catch (ArithmeticException e) {
            return null;
        }
    }

    private static @Nullable Long whole(@Nullable Integer value) {
        return value == null ? null : value.longValue();
    }

    private static void add(Resource.Builder resource, String key, @Nullable String value) {
        if (value != null) {
            resource.addAttributes(attribute(key, value));
        }
    }

    private static void add(LogRecord.Builder log, String key, @Nullable String value) {
        if (value != null) {
            log.addAttributes(attribute(key, value));
        }
    }

    private static void add(LogRecord.Builder log, String key, @Nullable Long value) {
        if (value != null) {
            log.addAttributesBuilder().setKey(key).getValueBuilder().setIntValue(value);
        }
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValueBytes(utf8(value)))
                .build();
    }

    /** As bytes: half a surrogate pair becomes "?", which protobuf's own encoder would do too, with a warning for each. */
    private static ByteString utf8(String text) {
        return ByteString.copyFrom(text, StandardCharsets.UTF_8);
    }
}
