package org.svos.telemetry.event;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Reading.Malformed;
import org.svos.telemetry.event.Rejection.Code;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;

/** One pass over one body. A fault of form ends it; a fault of JSON comes out of the parser as its exception. */
final class BatchPass {

    /** Of a text about the host or the application: host names reach 253. */
    private static final int MAX_TEXT_CHARS = 256;

    private final JsonParser parser;
    private final BatchLimits limits;
    private final @Nullable EventSink sink;

    private @Nullable Malformed fault;
    private @Nullable Host host;
    private @Nullable Application application;
    private @Nullable HostLoss lost;
    private int seenMembers;

    private int events = -1;
    private int sequenced;
    private long firstSeq = Long.MAX_VALUE;
    private long lastSeq;
    private List<Rejection> rejected = List.of();

    BatchPass(JsonParser parser, BatchLimits limits, @Nullable EventSink sink) {
        this.parser = parser;
        this.limits = limits;
        this.sink = sink;
    }

    Reading read() {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            return new Malformed(first == null ? "the body is empty" : "a batch must be an object", null, null, "");
        }
        for (String key = parser.nextName(); key != null; key = parser.nextName()) {
            readMember(key, parser.nextToken());
            if (fault != null) {
                return fault;
            }
        }
        if (parser.nextToken() != null) {
            return new Malformed(
                    "there is more after the batch",
                    parser.currentTokenLocation().getLineNr(),
                    parser.currentTokenLocation().getColumnNr(),
                    null);
        }
        return conclude();
    }

    /** The host, or null if there is none before the body ends, or a fault comes first. */
    @Nullable
    Host readToHost() {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return null;
        }
        for (String key = parser.nextName(); key != null; key = parser.nextName()) {
            JsonToken value = parser.nextToken();
            if (key.equals("host")) {
                readMember(key, value);
                return fault == null ? host : null;
            }
            parser.skipChildren();
        }
        return null;
    }

    private Reading conclude() {
        if (events < 0) {
            return new Malformed("events is missing", null, null, "/events");
        }
        if (events > limits.maxEvents()) {
            return new Reading.TooManyEvents(limits.maxEvents(), events);
        }
        int valid = events - rejected.size();
        if (valid == 0) {
            return new Malformed(
                    events == 0
                            ? "events is empty"
                            : "no event is valid; the first: "
                                    + rejected.getFirst().detail(),
                    null,
                    null,
                    events == 0 ? "/events" : "/events/0");
        }
        return new Reading.Read(new BatchSummary(
                host, application, lost, valid, firstSeq, lastSeq, sequenced, rejected, limits.payload()));
    }

    private void readMember(String key, JsonToken value) {
        switch (key) {
            case "events" -> {
                if (isFirst(key, 1) && isExpected(value, JsonToken.START_ARRAY, "/events", "an array")) {
                    readEvents();
                }
            }
            case "host" -> {
                if (isFirst(key, 2) && isExpected(value, JsonToken.START_OBJECT, "/host", "an object")) {
                    readHost();
                }
            }
            case "application" -> {
                if (isFirst(key, 4) && isExpected(value, JsonToken.START_OBJECT, "/application", "an object")) {
                    readApplication();
                }
            }
            case "lost" -> {
                if (isFirst(key, 8) && isExpected(value, JsonToken.START_OBJECT, "/lost", "an object")) {
                    readLost();
                }
            }
            default -> parser.skipChildren();
        }
    }

    /** A member that came twice would be read by one reader as the first and by the next as the last. */
    private boolean isFirst(String key, int bit) {
        if ((seenMembers & bit) != 0) {
            fault = new Malformed(key + " is given twice", null, null, "/" + key);
            return false;
        }
        seenMembers |= bit;
        return true;
    }

    private boolean isExpected(JsonToken value, JsonToken expected, String pointer, String inWords) {
        if (value == expected) {
            return true;
        }
        if (value != JsonToken.VALUE_NULL) {
            fault = new Malformed(pointer.substring(1) + " must be " + inWords, null, null, pointer);
        }
        return false;
    }

    private void readEvents() {
        EventReader event = new EventReader(parser, limits, sink != null);
        events = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (events < limits.maxEvents()) {
                event.read();
                take(events, event);
            } else {
                parser.skipChildren();
            }
            events++;
        }
    }

    private void take(int index, EventReader event) {
        long seq = event.seq();
        if (seq > 0) {
            sequenced++;
            firstSeq = Math.min(firstSeq, seq);
            lastSeq = Math.max(lastSeq, seq);
        }
        Code code = event.code();
        if (code != null) {
            if (rejected.isEmpty()) {
                rejected = new ArrayList<>();
            }
            Rejection rejection = new Rejection(index, code, event.detail());
            rejected.add(rejection);
            if (sink != null) {
                sink.reject(event.rejected(rejection));
            }
        } else if (sink != null) {
            sink.accept(index, event.event());
        }
    }

    private void readHost() {
        String id = null;
        String name = null;
        String bootId = null;
        String kernel = null;
        String loaderVersion = null;
        for (String key = parser.nextName(); key != null && fault == null; key = parser.nextName()) {
            JsonToken value = parser.nextToken();
            switch (key) {
                case "id" -> id = text(value, "/host/id");
                case "name" -> name = text(value, "/host/name");
                case "bootId" -> bootId = text(value, "/host/bootId");
                case "kernel" -> kernel = text(value, "/host/kernel");
                case "loaderVersion" -> loaderVersion = text(value, "/host/loaderVersion");
                default -> parser.skipChildren();
            }
        }
        host = new Host(id, name, bootId, kernel, loaderVersion);
    }

    private void readApplication() {
        String name = null;
        String version = null;
        for (String key = parser.nextName(); key != null && fault == null; key = parser.nextName()) {
            JsonToken value = parser.nextToken();
            switch (key) {
                case "name" -> name = text(value, "/application/name");
                case "version" -> version = text(value, "/application/version");
                default -> parser.skipChildren();
            }
        }
        application = new Application(name, version);
    }

    private void readLost() {
        long ringFull = 0;
        long probeFault = 0;
        long recursion = 0;
        long throttled = 0;
        long spoolEvicted = 0;
        for (String key = parser.nextName(); key != null && fault == null; key = parser.nextName()) {
            JsonToken value = parser.nextToken();
            switch (key) {
                case "ringFull" -> ringFull = count(value, "/lost/ringFull");
                case "probeFault" -> probeFault = count(value, "/lost/probeFault");
                case "recursion" -> recursion = count(value, "/lost/recursion");
                case "throttled" -> throttled = count(value, "/lost/throttled");
                case "spoolEvicted" -> spoolEvicted = count(value, "/lost/spoolEvicted");
                default -> parser.skipChildren();
            }
        }
        lost = new HostLoss(ringFull, probeFault, recursion, throttled, spoolEvicted);
    }

    private @Nullable String text(JsonToken value, String pointer) {
        if (value == JsonToken.VALUE_NULL) {
            return null;
        }
        if (value != JsonToken.VALUE_STRING) {
            fault = new Malformed("it must be a string", null, null, pointer);
            return null;
        }
        if (Unicode.exceedsCharacters(parser, MAX_TEXT_CHARS)) {
            fault = new Malformed("it is over the limit of " + MAX_TEXT_CHARS + " characters", null, null, pointer);
            return null;
        }
        return Unicode.name(parser.getString());
    }

    private long count(JsonToken value, String pointer) {
        if (value == JsonToken.VALUE_NULL) {
            return 0;
        }
        if (value != JsonToken.VALUE_NUMBER_INT
                || parser.getNumberType() == NumberType.BIG_INTEGER
                || parser.getLongValue() < 0) {
            fault = new Malformed("it must be an integer from 0 to 2^63 - 1", null, null, pointer);
            return 0;
        }
        return parser.getLongValue();
    }
}
