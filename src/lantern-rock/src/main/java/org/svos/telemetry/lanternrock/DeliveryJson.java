package org.svos.telemetry.lanternrock;

import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A delivery as JSON: its body on the wire, and a dead letter's content. Members without a value are left out; database and
 * key stand beside it, in path and header or in columns.
 *
 * <pre>
 * {"telemetryId": "00000000-1111-2222-3333-444444444444",
 *  "application": {"name": "hello", "version": "1.0.0"},
 *  "host":        {"id": "…", "name": "lab-17", "bootId": "…", "kernel": "6.1.0-40-amd64", "loaderVersion": "1.0.0"},
 *  "sessions":    [{"id": "2@2026-11-22T09:31:00Z", "name": "startup", "start": "2026-11-22T09:31:00Z", "duration": "PT1.5S"}],
 *  "records":     [{"name": "loaded", "count": 1, "sum": 0, "time": "…", "session": "2@2026-11-22T09:31:00Z",
 *                   "segments": {"kind": "message", "seq": 3, "bootTimeNs": 123, "cpu": 0, "pid": 412, "comm": "insmod"},
 *                   "attachment": {"hello_world": true}}]}
 * </pre>
 */
public final class DeliveryJson {

    private static final int BYTES_OF_A_SMALL_RECORD = 320;

    private static final JsonFactory JSON = new JsonFactory();

    private DeliveryJson() {}

    /** The JSON of a delivery, in UTF-8. A lone surrogate becomes "?". */
    public static byte[] write(Delivery delivery) {
        var bytes = new ByteArrayOutputStream(delivery.records().size() * BYTES_OF_A_SMALL_RECORD);
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(out, delivery);
        } catch (JacksonException e) {
            // Jackson's own UTF-8 generator is quicker, and throws on a lone surrogate; the writer puts "?".
            bytes.reset();
            try (JsonGenerator out = JSON.createGenerator(
                    ObjectWriteContext.empty(), new OutputStreamWriter(bytes, StandardCharsets.UTF_8))) {
                write(out, delivery);
            }
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator out, Delivery delivery) {
        out.writeStartObject();
        out.writeStringProperty("telemetryId", delivery.telemetryId());
        application(out, delivery.application());
        host(out, delivery.host());
        out.writeArrayPropertyStart("sessions");
        for (Session session : delivery.sessions()) {
            session(out, session);
        }
        out.writeEndArray();
        out.writeArrayPropertyStart("records");
        for (TelemetryRecord record : delivery.records()) {
            record(out, record);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    /**
     * Reads back what {@link #write} wrote.
     *
     * @throws RuntimeException if it is not that
     */
    public static Delivery read(String database, String idempotencyKey, byte[] json) {
        return WrittenDelivery.read(database, idempotencyKey, json);
    }

    private static void application(JsonGenerator out, Delivery.@Nullable Application application) {
        if (application != null) {
            out.writeObjectPropertyStart("application");
            text(out, "name", application.name());
            text(out, "version", application.version());
            out.writeEndObject();
        }
    }

    private static void host(JsonGenerator out, Delivery.@Nullable Host host) {
        if (host != null) {
            out.writeObjectPropertyStart("host");
            text(out, "id", host.id());
            text(out, "name", host.name());
            text(out, "bootId", host.bootId());
            text(out, "kernel", host.kernel());
            text(out, "loaderVersion", host.loaderVersion());
            out.writeEndObject();
        }
    }

    private static void session(JsonGenerator out, Session session) {
        out.writeStartObject();
        out.writeStringProperty("id", session.id());
        text(out, "name", session.name());
        out.writeStringProperty("start", session.start().toString());
        if (session.duration() != null) {
            out.writeStringProperty("duration", session.duration().toString());
        }
        out.writeEndObject();
    }

    private static void record(JsonGenerator out, TelemetryRecord record) {
        out.writeStartObject();
        text(out, "name", record.name());
        out.writeNumberProperty("count", record.count());
        if (record.sum() == 0) {
            out.writeNumberProperty("sum", 0);
        } else {
            out.writeNumberProperty("sum", record.sum());
        }
        out.writeStringProperty("time", record.time().toString());
        text(out, "session", record.session());
        segments(out, record.segments());
        if (record.attachment() != null) {
            out.writeName("attachment");
            // As it is: to read and write it again could change digits.
            out.writeRawValue(record.attachment());
        }
        out.writeEndObject();
    }

    private static void segments(JsonGenerator out, TelemetryRecord.Segments segments) {
        out.writeObjectPropertyStart("segments");
        out.writeStringProperty("kind", segments.kind());
        out.writeNumberProperty("seq", segments.seq());
        if (segments.bootTimeNs() != null) {
            out.writeNumberProperty("bootTimeNs", segments.bootTimeNs());
        }
        if (segments.cpu() != null) {
            out.writeNumberProperty("cpu", segments.cpu());
        }
        if (segments.pid() != null) {
            out.writeNumberProperty("pid", segments.pid());
        }
        text(out, "comm", segments.comm());
        out.writeEndObject();
    }

    private static void text(JsonGenerator out, String name, @Nullable String value) {
        if (value != null) {
            out.writeStringProperty(name, value);
        }
    }
}
