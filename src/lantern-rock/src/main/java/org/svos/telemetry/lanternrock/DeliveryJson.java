package org.svos.telemetry.lanternrock;

import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.io.SerializedString;
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

    private static final int BYTES_OF_A_SMALL_RECORD = 384;

    private static final JsonFactory JSON = new JsonFactory();

    // Names of a record's members, as they are in UTF-8.
    private static final SerializedString NAME = new SerializedString("name");
    private static final SerializedString COUNT = new SerializedString("count");
    private static final SerializedString SUM = new SerializedString("sum");
    private static final SerializedString TIME = new SerializedString("time");
    private static final SerializedString SESSION = new SerializedString("session");
    private static final SerializedString SEGMENTS = new SerializedString("segments");
    private static final SerializedString ATTACHMENT = new SerializedString("attachment");
    private static final SerializedString KIND = new SerializedString("kind");
    private static final SerializedString SEQ = new SerializedString("seq");
    private static final SerializedString BOOT_TIME_NS = new SerializedString("bootTimeNs");
    private static final SerializedString CPU = new SerializedString("cpu");
    private static final SerializedString PID = new SerializedString("pid");
    private static final SerializedString COMM = new SerializedString("comm");

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
        var time = new InstantText();
        for (TelemetryRecord record : delivery.records()) {
            record(out, record, time);
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

    private static void record(JsonGenerator out, TelemetryRecord record, InstantText time) {
        out.writeStartObject();
        text(out, NAME, record.name());
        number(out, COUNT, record.count());
        if (record.sum() == 0) {
            number(out, SUM, 0);
        } else {
            out.writeName(SUM);
            out.writeNumber(record.sum());
        }
        out.writeName(TIME);
        int length = time.write(record.time());
        out.writeString(time.chars(), 0, length);
        text(out, SESSION, record.session());
        segments(out, record.segments());
        if (record.attachment() != null) {
            out.writeName(ATTACHMENT);
            // As it is: to read and write it again could change digits.
            out.writeRawValue(record.attachment());
        }
        out.writeEndObject();
    }

    private static void segments(JsonGenerator out, TelemetryRecord.Segments segments) {
        out.writeName(SEGMENTS);
        out.writeStartObject();
        text(out, KIND, segments.kind());
        number(out, SEQ, segments.seq());
        if (segments.bootTimeNs() != null) {
            number(out, BOOT_TIME_NS, segments.bootTimeNs());
        }
        if (segments.cpu() != null) {
            number(out, CPU, segments.cpu());
        }
        if (segments.pid() != null) {
            number(out, PID, segments.pid());
        }
        text(out, COMM, segments.comm());
        out.writeEndObject();
    }

    private static void number(JsonGenerator out, SerializedString name, long value) {
        out.writeName(name);
        out.writeNumber(value);
    }

    private static void text(JsonGenerator out, SerializedString name, @Nullable String value) {
        if (value != null) {
            out.writeName(name);
            out.writeString(value);
        }
    }

    private static void text(JsonGenerator out, String name, @Nullable String value) {
        if (value != null) {
            out.writeStringProperty(name, value);
        }
    }
}
