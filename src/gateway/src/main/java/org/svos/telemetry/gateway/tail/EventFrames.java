package org.svos.telemetry.gateway.tail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.RejectedEvent;
import org.svos.telemetry.event.RejectedEvent.Fields;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Makes frames of the events of one sandbox and host. What is not known of an event is left out:
 *
 * <pre>
 * event: admitted
 * data: {"sandbox":"…","host":"h1","hostName":"lab-17","seq":3,"kind":"message","name":"loaded","time":"…","bootTimeNs":123,
 *        "cpu":0,"pid":412,"comm":"insmod","payload":{"hello_world":true}}
 * </pre>
 *
 * in one line, and of a rejected event {@code code} and {@code detail} too.
 */
record EventFrames(String sandbox, @Nullable Host host) {

    private static final JsonFactory JSON = JsonFactory.builder().build();
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

    /** What happened to an event. */
    enum What {
        ADMITTED("admitted"),
        DELIVERED("delivered"),
        REJECTED("rejected");

        private final String head;

        What(String wireName) {
            head = "event: " + wireName + "\ndata: ";
        }
    }

    /** A frame of a valid event. */
    Frame of(What what, Event event) {
        return frame(what, null, null, Fields.of(event));
    }

    /** A frame of a valid event that was refused with its batch. */
    Frame refused(Event event, String code, String detail) {
        return frame(What.REJECTED, code, detail, Fields.of(event));
    }

    /** A frame of an event that could not be valid. */
    Frame rejected(RejectedEvent event) {
        return refused(event, event.why().code().wireName(), event.why().detail());
    }

    /** A frame of an event that could not be valid, and was refused with its batch before that was looked at. */
    Frame refused(RejectedEvent event, String code, String detail) {
        return frame(What.REJECTED, code, detail, event.fields());
    }

    private Frame frame(What what, @Nullable String code, @Nullable String detail, Fields event) {
        int payload = event.payload() == null ? 0 : event.payload().length();
        ByteArrayOutputStream out = new ByteArrayOutputStream(384 + payload);
        out.writeBytes(what.head.getBytes(StandardCharsets.US_ASCII));
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8)) {
            json.writeStartObject();
            json.writeStringProperty("sandbox", sandbox);
            text(json, "host", host == null ? null : host.id());
            text(json, "hostName", host == null ? null : host.name());
            text(json, "code", code);
            text(json, "detail", detail);
            number(json, "seq", event.seq());
            text(json, "kind", event.kind() == null ? null : event.kind().wireName());
            text(json, "name", event.name());
            text(json, "version", event.version());
            text(json, "time", event.time() == null ? null : event.time().toString());
            number(json, "bootTimeNs", event.bootTimeNs());
            number(json, "cpu", event.cpu());
            number(json, "pid", event.pid());
            text(json, "comm", event.comm());
            if (event.payload() != null) {
                json.writeName("payload");
                json.writeRawValue(event.payload());
            }
            json.writeEndObject();
        }
        out.writeBytes(END);
        return new Frame(
                event.kind() == null ? null : event.kind().wireName(),
                event.name(),
                host == null ? null : host.id(),
                out.toByteArray());
    }

    private static void text(JsonGenerator json, String name, @Nullable String value) {
        if (value != null) {
            json.writeStringProperty(name, value);
        }
    }

    private static void number(JsonGenerator json, String name, @Nullable Number value) {
        if (value != null) {
            json.writeNumberProperty(name, value.longValue());
        }
    }
}
