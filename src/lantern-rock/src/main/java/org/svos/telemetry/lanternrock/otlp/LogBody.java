package org.svos.telemetry.lanternrock.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * A payload as an OTLP value: a JSON object is a list of keys and values, a text that was none is that text.
 *
 * <p>JSON can say what OTLP cannot: numbers beyond 64 bits or with more digits than a double, a key twice, half a surrogate pair.
 * Such a number is the text of its digits, of such a key the last value counts, and the payload is marked as inexact, for its own
 * text to go along. What is nested deeper than {@link #MAX_DEPTH} is its JSON text, since receivers bound the nesting of messages,
 * protobuf's own Java parser at 100, of which a level of JSON takes three.
 */
final class LogBody {

    static final int MAX_DEPTH = 24;

    /** A double never needs more digits; a longer number is not looked at. */
    private static final int MAX_DIGITS = 32;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final String json;
    private final JsonParser parser;
    private boolean isExact = true;

    private LogBody(String json, JsonParser parser) {
        this.json = json;
        this.parser = parser;
    }

    /**
     * What becomes of a payload.
     *
     * @param isExact whether the value says all that the payload's text does
     * @param unreadable why the text was no JSON, where the value is that text; null: it was
     */
    record Body(AnyValue value, boolean isExact, @Nullable String unreadable) {}

    /** The value of a JSON object, which must be one. */
    static Body of(String json) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            parser.nextToken();
            var body = new LogBody(json, parser);
            KeyValueList.Builder members = body.members(0);
            if (members.getValuesCount() == 2
                    && isText(members.getValues(0), "_raw")
                    && isText(members.getValues(1), "_error")) {
                // As event.Payload wraps a text that cannot be read.
                return new Body(
                        members.getValues(0).getValue(),
                        body.isExact,
                        members.getValues(1).getValue().getStringValue());
            }
            return new Body(AnyValue.newBuilder().setKvlistValue(members).build(), body.isExact, null);
        }
    }

    private static boolean isText(KeyValue member, String key) {
        return member.getKey().equals(key) && member.getValue().hasStringValue();
    }

    private KeyValueList.Builder members(int depth) {
        KeyValueList.Builder members = KeyValueList.newBuilder();
        Map<String, Integer> places = new HashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            KeyValue member = KeyValue.newBuilder()
                    .setKeyBytes(utf8(key))
                    .setValue(value(depth + 1))
                    .build();
            Integer before = places.putIfAbsent(key, members.getValuesCount());
            if (before == null) {
                members.addValues(member);
            } else {
                isExact = false;
                members.setValues(before, member);
            }
        }
        return members;
    }

    private AnyValue value(int depth) {
        AnyValue.Builder value = AnyValue.newBuilder();
        JsonToken token = parser.currentToken();
        if (token.isStructStart() && depth > MAX_DEPTH) {
            isExact = false;
            value.setStringValueBytes(utf8(raw()));
        } else if (token == JsonToken.START_OBJECT) {
            value.setKvlistValue(members(depth));
        } else if (token == JsonToken.START_ARRAY) {
            ArrayValue.Builder elements = ArrayValue.newBuilder();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.addValues(value(depth + 1));
            }
            value.setArrayValue(elements);
        } else if (token == JsonToken.VALUE_STRING) {
            value.setStringValueBytes(utf8(parser.getString()));
        } else if (token.isNumeric()) {
            number(value, parser.getString());
        } else if (token.isBoolean()) {
            value.setBoolValue(token == JsonToken.VALUE_TRUE);
        }
        // A null is a value without one.
        return value.build();
    }

    private void number(AnyValue.Builder value, String digits) {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT && isLong(digits)) {
            value.setIntValue(Long.parseLong(digits));
            return;
        }
        double nearest = Double.parseDouble(digits);
        if (digits.length() <= MAX_DIGITS && Double.isFinite(nearest) && isSame(nearest, digits)) {
            value.setDoubleValue(nearest);
        } else {
            isExact = false;
            value.setStringValue(digits);
        }
    }

    /** Whether 64 bits hold it. Not the whole number -0, which they would lose the sign of. */
    private static boolean isLong(String digits) {
        try {
            return Long.parseLong(digits) != 0 || !digits.startsWith("-");
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isSame(double nearest, String digits) {
        try {
            return new BigDecimal(Double.toString(nearest)).compareTo(new BigDecimal(digits)) == 0;
        } catch (NumberFormatException e) {
            // An exponent of more than 32 bits.
            return false;
        }
    }

    private ByteString utf8(String text) {
        ByteString bytes = ByteString.copyFrom(text, StandardCharsets.UTF_8);
        if (isExact && text.chars().anyMatch(c -> Character.isSurrogate((char) c))) {
            isExact = bytes.toStringUtf8().equals(text);
        }
        return bytes;
    }

    /** The current structure as it stands in the text. */
    private String raw() {
        int from = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        int to = (int) parser.currentLocation().getCharOffset();
        return json.substring(from, to);
    }
}
