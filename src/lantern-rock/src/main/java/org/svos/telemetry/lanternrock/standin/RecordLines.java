package org.svos.telemetry.lanternrock.standin;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.lanternrock.standin.ReceivedDelivery.ReceivedRecord;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A delivery as the lines that {@code GET /records} gives, one a record. */
final class RecordLines {

    private static final JsonFactory JSON = new JsonFactory();
    private static final Set<String> NAMED = Set.of("kind", "seq");

    private RecordLines() {}

    static List<String> of(String database, String key, ReceivedDelivery delivery) {
        var lines = new ArrayList<String>(delivery.records().size());
        for (ReceivedRecord record : delivery.records()) {
            lines.add(line(
                    database,
                    delivery,
                    record,
                    new Place(key, lines.size() + 1, delivery.records().size())));
        }
        return lines;
    }

    /** Which of a delivery's records one is, from 1. */
    record Place(String key, int number, int of) {}

    static String line(String database, ReceivedDelivery delivery, ReceivedRecord record, Place place) {
        var line = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
            Map<String, String> host = delivery.host() == null ? Map.of() : delivery.host();
            out.writeStartObject();
            out.writeStringProperty("database", database);
            out.writeStringProperty("sandbox", delivery.telemetryId());
            text(out, "host", host.get("id"));
            text(out, "hostName", host.get("name"));
            text(out, "bootId", host.get("bootId"));
            application(out, delivery.application());
            text(
                    out,
                    "session",
                    record.session() == null ? null : delivery.sessionNames().get(record.session()));
            raw(out, "kind", record.segments().get("kind"));
            text(out, "name", record.name());
            raw(out, "seq", record.segments().get("seq"));
            out.writeStringProperty("time", record.time());
            raw(out, "payload", record.attachment());
            raw(out, "count", record.count());
            raw(out, "sum", record.sum());
            out.writeObjectPropertyStart("segments");
            record.segments().forEach((name, value) -> {
                if (!NAMED.contains(name)) {
                    raw(out, name, value);
                }
            });
            out.writeEndObject();
            out.writeObjectPropertyStart("delivery");
            out.writeStringProperty("key", place.key());
            out.writeNumberProperty("record", place.number());
            out.writeNumberProperty("of", place.of());
            out.writeEndObject();
            out.writeEndObject();
        }
        return line.toString();
    }

    private static void application(JsonGenerator out, @Nullable Map<String, String> application) {
        if (application == null) {
            out.writeNullProperty("application");
            return;
        }
        out.writeObjectPropertyStart("application");
        text(out, "name", application.get("name"));
        text(out, "version", application.get("version"));
        out.writeEndObject();
    }

    private static void text(JsonGenerator out, String name, @Nullable String value) {
        if (value == null) {
            out.writeNullProperty(name);
        } else {
            out.writeStringProperty(name, value);
        }
    }

    private static void raw(JsonGenerator out, String name, @Nullable String json) {
        if (json == null) {
            out.writeNullProperty(name);
            return;
        }
        out.writeName(name);
        // Line ends in JSON text are white space between its parts: within a string they would be escaped.
        out.writeRawValue(json.replace('\n', ' ').replace('\r', ' '));
    }
}
