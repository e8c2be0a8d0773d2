package org.svos.telemetry.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Rejection.Code;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;

/**
 * Reads the events of one batch, one after the other. Its fields are the event at hand; nothing is made for an event but its
 * rejection, unless it {@code builds} events for a sink.
 *
 * <p>Of a key given twice the last value counts, yet one of the wrong type rejects the event all the same. Null is absent.
 * The first fault, in the order of the text, is the one named; what is missing comes last.
 */
final class EventReader {

    private static final Kind[] KINDS = Kind.values();
    private static final long ABSENT = -1;
    /** Stands for a text that is there, where nobody wants to know which. */
    private static final String PRESENT = "";

    private final JsonParser parser;
    private final BatchLimits limits;
    private final boolean builds;
    /** Of events that are built. */
    private final @Nullable RecentNames names;

    private @Nullable Code code;
    private String detail = "";

    private long seq;
    private @Nullable Kind kind;
    private boolean hasTime;
    private @Nullable Instant time;
    private @Nullable String name;
    private @Nullable String version;
    private long bootTimeNs;
    private long cpu;
    private long pid;
    private @Nullable String comm;
    private @Nullable String payload;
    private boolean payloadIsText;

    EventReader(JsonParser parser, BatchLimits limits, boolean builds) {
        this.parser = parser;
        this.limits = limits;
        this.builds = builds;
        this.names = builds ? new RecentNames() : null;
    }

    /** Reads the array element that the parser is at the start of, to its end. */
    void read() {
        clear();
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            reject(Code.WRONG_TYPE, "an event must be an object");
            parser.skipChildren();
            return;
        }
        for (String key = parser.nextName(); key != null; key = parser.nextName()) {
            readMember(key, parser.nextToken());
        }
        if (code == null) {
            rejectIfIncomplete();
        }
    }

    /** Why the event can never be valid, or null if it is. */
    @Nullable
    Code code() {
        return code;
    }

    /** Why, in words. */
    String detail() {
        return detail;
    }

    /** The sequence number, also of a rejected event; less than 1 if there is none to read. */
    long seq() {
        return seq;
    }

    /** The valid event. Only a reader that builds has it. */
    Event event() {
        Kind theKind = kind;
        Instant theTime = time;
        if (theKind == null || theTime == null) {
            throw new IllegalStateException("not a valid event, or built for no sink");
        }
        return new Event(
                seq,
                theKind,
                name,
                theKind == Kind.REGISTER ? version : null,
                theTime,
                bootTimeNs == ABSENT ? null : bootTimeNs,
                cpu == ABSENT ? null : (Integer) (int) cpu,
                pid == ABSENT ? null : (Integer) (int) pid,
                comm,
                theKind == Kind.MESSAGE ? normalisedPayload() : null);
    }

    /** The rejected event, as far as it was read. Only a reader that builds has it. */
    RejectedEvent rejected(Rejection why) {
        var fields = new RejectedEvent.Fields(
                seq == ABSENT ? null : seq,
                kind,
                name,
                version,
                time,
                bootTimeNs == ABSENT ? null : bootTimeNs,
                cpu == ABSENT ? null : (Integer) (int) cpu,
                pid == ABSENT ? null : (Integer) (int) pid,
                comm,
                normalisedPayload());
        return new RejectedEvent(why, fields);
    }

    private @Nullable String normalisedPayload() {
        return payloadIsText && payload != null
                ? Payload.normalise(payload, limits.payload().maxDepth())
                : payload;
    }

    private void clear() {
        code = null;
        detail = "";
        seq = ABSENT;
        kind = null;
        hasTime = false;
        time = null;
        name = null;
        version = null;
        bootTimeNs = ABSENT;
        cpu = ABSENT;
        pid = ABSENT;
        comm = null;
        payload = null;
        payloadIsText = false;
    }

    private void readMember(String key, JsonToken value) {
        switch (key) {
            case "seq" -> seq = integer(value, 1, Long.MAX_VALUE, "seq must be an integer from 1 to 2^63 - 1");
            case "kind" -> readKind(value);
            case "time" -> readTime(value);
            case "name" -> name = text(value, "name must be a string", "name is over the limit of %d characters");
            case "version" ->
                version = text(value, "version must be a string", "version is over the limit of %d characters");
            case "payload" -> readPayload(value);
            case "bootTimeNs" ->
                bootTimeNs = integer(value, 0, Long.MAX_VALUE, "bootTimeNs must be an integer from 0 to 2^63 - 1");
            case "cpu" -> cpu = integer(value, 0, Integer.MAX_VALUE, "cpu must be an integer from 0 to 2^31 - 1");
            case "pid" -> pid = integer(value, 0, Integer.MAX_VALUE, "pid must be an integer from 0 to 2^31 - 1");
            case "comm" -> comm = text(value, "comm must be a string", "comm is over the limit of %d characters");
            default -> parser.skipChildren();
        }
    }

    private void rejectIfIncomplete() {
        boolean message = kind == Kind.MESSAGE;
        if (seq == ABSENT) {
            reject(Code.MISSING_FIELD, "seq is missing");
        } else if (kind == null) {
            reject(Code.MISSING_FIELD, "kind is missing");
        } else if (!hasTime) {
            reject(Code.MISSING_FIELD, "time is missing");
        } else if (message && name == null) {
            reject(Code.MISSING_FIELD, "name is missing, which a message must have");
        } else if (message && payload == null) {
            reject(Code.MISSING_FIELD, "payload is missing, which a message must have");
        }
    }

    private void readKind(JsonToken value) {
        kind = null;
        if (value == JsonToken.VALUE_STRING) {
            kind = kindAt(parser.getStringLength());
            if (kind == null) {
                reject(Code.UNKNOWN_KIND, "kind must be register, session_begin, message, session_end or unregister");
            }
        } else if (value != JsonToken.VALUE_NULL) {
            wrongType("kind must be a string");
        }
    }

    private @Nullable Kind kindAt(int length) {
        for (Kind candidate : KINDS) {
            String wireName = candidate.wireName();
            if (wireName.length() == length && isAt(wireName)) {
                return candidate;
            }
        }
        return null;
    }

    private boolean isAt(String wireName) {
        char[] chars = parser.getStringCharacters();
        int offset = parser.getStringOffset();
        for (int i = 0; i < wireName.length(); i++) {
            if (chars[offset + i] != wireName.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void readTime(JsonToken value) {
        hasTime = false;
        time = null;
        if (value == JsonToken.VALUE_STRING) {
            hasTime = parser.getStringLength() <= Rfc3339.MAX_LENGTH
                    && Rfc3339.isValid(
                            parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength());
            if (!hasTime) {
                reject(
                        Code.WRONG_TYPE,
                        "time must be as RFC 3339 has it, with at most 9 digits of a second's fraction");
            } else if (builds) {
                time = Rfc3339.instant(
                        parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength());
            }
        } else if (value != JsonToken.VALUE_NULL) {
            wrongType("time must be a string");
        }
    }

    private void readPayload(JsonToken value) {
        payload = null;
        payloadIsText = false;
        if (value == JsonToken.VALUE_STRING) {
            if (Unicode.exceedsBytes(parser, limits.payload().maxBytes())) {
                rejectLongPayload();
                return;
            }
            payload = builds ? parser.getString() : PRESENT;
            payloadIsText = true;
        } else if (value == JsonToken.START_OBJECT) {
            readPayloadObject();
        } else if (value != JsonToken.VALUE_NULL) {
            wrongType("payload must be an object or a string");
        }
    }

    private void readPayloadObject() {
        long start = parser.currentTokenLocation().getByteOffset();
        int depth;
        if (builds) {
            Payload.Copy copy = Payload.copy(parser, limits.payload());
            payload = copy.text();
            depth = copy.depth();
        } else {
            payload = PRESENT;
            depth = Payload.skip(parser);
        }
        if (depth > limits.payload().maxDepth()) {
            reject(Code.TOO_DEEP, "payload is nested over " + limits.payload().maxDepth() + " deep");
        } else if (parser.currentLocation().getByteOffset() - start
                > limits.payload().maxBytes()) {
            rejectLongPayload();
        }
    }

    private void rejectLongPayload() {
        reject(Code.TOO_LONG, "payload is over the limit of " + limits.payload().maxBytes() + " bytes");
    }

    private @Nullable String text(JsonToken value, String wrongType, String tooLong) {
        if (value == JsonToken.VALUE_STRING) {
            if (Unicode.exceedsCharacters(parser, limits.maxNameChars())) {
                reject(Code.TOO_LONG, tooLong.formatted(limits.maxNameChars()));
                return null;
            }
            return names == null ? PRESENT : names.get(parser);
        }
        if (value != JsonToken.VALUE_NULL) {
            wrongType(wrongType);
        }
        return null;
    }

    private long integer(JsonToken value, long min, long max, String wrongType) {
        if (value == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != NumberType.BIG_INTEGER) {
            long number = parser.getLongValue();
            if (number >= min && number <= max) {
                return number;
            }
        }
        if (value != JsonToken.VALUE_NULL) {
            wrongType(wrongType);
        }
        return ABSENT;
    }

    private void wrongType(String why) {
        reject(Code.WRONG_TYPE, why);
        parser.skipChildren();
    }

    private void reject(Code why, String inWords) {
        if (code == null) {
            code = why;
            detail = inWords;
        }
    }
}
