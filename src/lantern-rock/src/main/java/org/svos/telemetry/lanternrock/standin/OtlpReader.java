package org.svos.telemetry.lanternrock.standin;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.otlp.OtlpNames;
import org.svos.telemetry.lanternrock.standin.ReceivedDelivery.ReceivedRecord;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Reads log records back into Lantern Rock's model, as far as their attributes have it. */
final class OtlpReader {

    private static final JsonFactory JSON = new JsonFactory();

    /** By the names that {@code openapi.yaml} gives them, where a record's are others. */
    private static final Map<String, String> SEGMENTS = Map.of(
            OtlpNames.KIND, "kind",
            OtlpNames.SEQ, "seq",
            OtlpNames.BOOT_TIME_NS, "bootTimeNs",
            OtlpNames.CPU, "cpu",
            OtlpNames.PID, "pid",
            OtlpNames.COMM, "comm");

    /**
     * A record, and what came with it.
     *
     * @param id its {@code log.record.uid}
     */
    record OtlpRecord(String id, ReceivedDelivery delivery, ReceivedRecord record) {}

    private OtlpReader() {}

    /** The database that a resource names; empty if it names none. */
    static String database(ResourceLogs logs) {
        return texts(logs.getResource().getAttributesList()).getOrDefault(OtlpNames.DATABASE, "");
    }

    static List<OtlpRecord> records(ResourceLogs logs) throws HttpFault {
        Map<String, String> resource = texts(logs.getResource().getAttributesList());
        var records = new ArrayList<OtlpRecord>();
        for (ScopeLogs scope : logs.getScopeLogsList()) {
            for (LogRecord log : scope.getLogRecordsList()) {
                records.add(record(resource, log));
            }
        }
        return records;
    }

    private static OtlpRecord record(Map<String, String> resource, LogRecord log) throws HttpFault {
        Map<String, String> attributes = texts(log.getAttributesList());
        String id = attributes.get(OtlpNames.RECORD_ID);
        String sandbox = resource.get(OtlpNames.SANDBOX);
        if (id == null || sandbox == null || !attributes.containsKey(OtlpNames.KIND)) {
            throw new HttpFault(
                    400,
                    "a record must have " + OtlpNames.RECORD_ID + " and " + OtlpNames.KIND + ", and its resource "
                            + OtlpNames.SANDBOX);
        }
        var segments = new LinkedHashMap<String, String>();
        for (KeyValue attribute : log.getAttributesList()) {
            String segment = SEGMENTS.get(attribute.getKey());
            if (segment != null) {
                segments.put(segment, json(attribute.getValue()));
            }
        }
        String session = attributes.get(OtlpNames.SESSION_ID);
        var record = new ReceivedRecord(
                attributes.get(OtlpNames.NAME),
                attributes.getOrDefault(OtlpNames.COUNT, "1"),
                attributes.getOrDefault(OtlpNames.SUM, "0"),
                log.getTimeUnixNano() == 0
                        ? attributes.getOrDefault(OtlpNames.TIME, Instant.EPOCH.toString())
                        : Instant.ofEpochSecond(0, log.getTimeUnixNano()).toString(),
                session,
                segments,
                payload(log, attributes));
        var delivery = new ReceivedDelivery(
                sandbox,
                only(resource, Map.of("name", OtlpNames.SERVICE_NAME, "version", OtlpNames.SERVICE_VERSION)),
                only(
                        resource,
                        Map.of("id", OtlpNames.HOST_ID, "name", OtlpNames.HOST_NAME, "bootId", OtlpNames.BOOT_ID)),
                session == null ? Map.of() : Collections.singletonMap(session, attributes.get(OtlpNames.SESSION_NAME)),
                List.of(record));
        return new OtlpRecord(id, delivery, record);
    }

    private static @Nullable String payload(LogRecord log, Map<String, String> attributes) {
        String error = attributes.get(OtlpNames.UNREADABLE);
        if (error != null) {
            return "{\"_raw\":" + json(log.getBody()) + ",\"_error\":"
                    + json(AnyValue.newBuilder().setStringValue(error).build()) + "}";
        }
        return log.hasBody() ? attributes.getOrDefault(OtlpNames.ORIGINAL, json(log.getBody())) : null;
    }

    /** Those of the attributes, by the names before; null if there are none. */
    private static @Nullable Map<String, String> only(Map<String, String> attributes, Map<String, String> names) {
        var found = new HashMap<String, String>();
        names.forEach((name, attribute) -> {
            String value = attributes.get(attribute);
            if (value != null) {
                found.put(name, value);
            }
        });
        return found.isEmpty() ? null : found;
    }

    /** Texts as they are, other values as JSON. */
    private static Map<String, String> texts(List<KeyValue> attributes) {
        var texts = new HashMap<String, String>();
        for (KeyValue attribute : attributes) {
            AnyValue value = attribute.getValue();
            texts.put(attribute.getKey(), value.hasStringValue() ? value.getStringValue() : json(value));
        }
        return texts;
    }

    private static String json(AnyValue value) {
        var text = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            write(out, value);
        }
        return text.toString();
    }

    private static void write(JsonGenerator out, AnyValue value) {
        switch (value.getValueCase()) {
            case STRING_VALUE -> out.writeString(value.getStringValue());
            case BOOL_VALUE -> out.writeBoolean(value.getBoolValue());
            case INT_VALUE -> out.writeNumber(value.getIntValue());
            case DOUBLE_VALUE -> out.writeNumber(value.getDoubleValue());
            case ARRAY_VALUE -> {
                out.writeStartArray();
                value.getArrayValue().getValuesList().forEach(element -> write(out, element));
                out.writeEndArray();
            }
            case KVLIST_VALUE -> {
                out.writeStartObject();
                for (KeyValue member : value.getKvlistValue().getValuesList()) {
                    out.writeName(member.getKey());
                    write(out, member.getValue());
                }
                out.writeEndObject();
            }
            // References into a dictionary are of another signal; bytes are in no payload.
            case BYTES_VALUE, STRING_VALUE_STRINDEX, VALUE_NOT_SET -> out.writeNull();
        }
    }
}
