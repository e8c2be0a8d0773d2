package org.svos.telemetry.event;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Payloads as strict JSON objects.
 *
 * <p>A strict object keeps its values; white space goes, numbers keep their digits, and of a key given twice the last value
 * counts, in the first one's place. Relaxed text (unquoted keys, single quotes, trailing commas, comments, NaN and
 * infinities, which become strings) becomes strict. Any other text is kept as {@code {"_raw": "<text>", "_error": "<why>"}}:
 * also what JSON5 might take but the contract does not name, such as hexadecimal or 01. A lone surrogate becomes U+FFFD; a
 * NUL stays, escaped. Normalising what is normalised changes nothing.
 */
public final class Payload {

    private static final JsonFactory RELAXED = JsonFactory.builder()
            .enable(
                    JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES,
                    JsonReadFeature.ALLOW_SINGLE_QUOTES,
                    JsonReadFeature.ALLOW_TRAILING_COMMA,
                    JsonReadFeature.ALLOW_JAVA_COMMENTS,
                    JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            // Keys come from whoever writes kernel code: remembering them would help nobody.
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            // Length and depth are judged here, by the contract's limits.
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private Payload() {}

    /** The text, as the kernel emitted it, as a strict JSON object. No text makes this fail. */
    public static String normalise(String text) {
        return normalise(text, PayloadLimits.CONTRACT.maxDepth());
    }

    static String normalise(String text, int maxDepth) {
        String plain = PlainPayload.normalise(text, maxDepth, FieldNames.NONE);
        return plain != null ? plain : parsed(text, maxDepth);
    }

    /** The same by a parser, which knows all texts. */
    static String parsed(String text, int maxDepth) {
        return switch (parse(text, maxDepth, FieldNames.NONE)) {
            case Parsing.Strict(String object) -> object;
            case Parsing.Unreadable(String why) -> raw(text, why);
        };
    }

    /**
     * The text as a strict JSON object without the fields of these names, in whatever object or array they are, and without
     * comments, which might repeat them; null if it is no text of an object: then nobody can tell what it holds.
     */
    public static @Nullable String without(FieldNames dropped, String text) {
        int maxDepth = PayloadLimits.CONTRACT.maxDepth();
        String plain = PlainPayload.normalise(text, maxDepth, dropped);
        return plain != null ? plain : parsedWithout(dropped, text, maxDepth);
    }

    /** The same by a parser, which knows all texts. */
    static @Nullable String parsedWithout(FieldNames dropped, String text, int maxDepth) {
        return switch (parse(text, maxDepth, dropped)) {
            case Parsing.Strict(String object) -> object;
            case Parsing.Unreadable _ -> null;
        };
    }

    private sealed interface Parsing {

        record Strict(String object) implements Parsing {}

        record Unreadable(String why) implements Parsing {}
    }

    private static Parsing parse(String text, int maxDepth, FieldNames dropped) {
        try (JsonParser parser = RELAXED.createParser(ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                return new Parsing.Unreadable(first == null ? "empty" : "no JSON object");
            }
            Tree tree = new Tree(parser, maxDepth, Integer.MAX_VALUE, dropped);
            Map<String, Object> object = tree.object(1);
            if (tree.isTooDeep()) {
                return new Parsing.Unreadable("nested over " + maxDepth + " deep");
            }
            if (parser.nextToken() != null) {
                return new Parsing.Unreadable("more text after the JSON object");
            }
            return new Parsing.Strict(written(object, text.length()));
        } catch (JacksonException e) {
            return new Parsing.Unreadable(JsonFault.describe(e));
        }
    }

    /**
     * Copies the object that the parser is at the start of, and leaves the parser at its end.
     *
     * @param limits what is longer or deeper is gone through, and not kept
     */
    static Copy copy(JsonParser parser, PayloadLimits limits) {
        int inside = parser.streamReadContext().getNestingDepth();
        Tree tree = new Tree(parser, limits.maxDepth(), limits.maxBytes(), FieldNames.NONE);
        Map<String, Object> object = tree.object(1);
        boolean whole = !tree.isOver();
        int depth = Math.max(tree.deepest, goToEnd(parser, inside));
        return new Copy(whole ? written(object, 256) : null, depth);
    }

    /** Goes to the end of the object that the parser is at the start of, and says how deep it is nested, itself included. */
    static int skip(JsonParser parser) {
        return goToEnd(parser, parser.streamReadContext().getNestingDepth());
    }

    private static int goToEnd(JsonParser parser, int inside) {
        int deepest = inside;
        for (int at = parser.streamReadContext().getNestingDepth();
                at >= inside;
                at = parser.streamReadContext().getNestingDepth()) {
            deepest = Math.max(deepest, at);
            parser.nextToken();
        }
        return deepest - inside + 1;
    }

    /**
     * A payload that came as an object.
     *
     * @param text as strict JSON; null if the object was over a limit
     * @param depth how deep it is nested, itself included
     */
    record Copy(@Nullable String text, int depth) {}

    private static String raw(String text, String why) {
        StringBuilder out = new StringBuilder(text.length() + why.length() + 32);
        out.append("{\"_raw\":");
        quote(text, out);
        out.append(",\"_error\":");
        quote(why, out);
        return out.append('}').toString();
    }

    private static String written(Map<String, Object> object, int about) {
        StringBuilder out = new StringBuilder(about + 16);
        write(object, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        switch (value) {
            case Map<?, ?> object -> {
                char before = '{';
                for (Map.Entry<?, ?> member : object.entrySet()) {
                    out.append(before);
                    quote((String) member.getKey(), out);
                    out.append(':');
                    write(member.getValue(), out);
                    before = ',';
                }
                out.append(object.isEmpty() ? "{}" : "}");
            }
            case List<?> array -> {
                char before = '[';
                for (Object element : array) {
                    out.append(before);
                    write(element, out);
                    before = ',';
                }
                out.append(array.isEmpty() ? "[]" : "]");
            }
            case Literal(String digits) -> out.append(digits);
            default -> quote((String) value, out);
        }
    }

    private static void quote(String text, StringBuilder out) {
        String writable = Unicode.writable(text);
        out.append('"');
        int done = 0;
        for (int i = 0; i < writable.length(); i++) {
            char c = writable.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\') {
                continue;
            }
            out.append(writable, done, i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> out.append("\\u00").append(c < 0x10 ? '0' : '1').append(Character.forDigit(c & 0xF, 16));
            }
            done = i + 1;
        }
        out.append(writable, done, writable.length()).append('"');
    }

    /** A number, true, false or null, as it came. */
    private record Literal(String text) {}

    /** Reads one object. What it holds is bounded by the limits, whatever the parser has in store. */
    private static final class Tree {

        private static final Literal TOO_MUCH = new Literal("null");

        private final JsonParser parser;
        private final int maxDepth;
        private final int maxBytes;
        private final FieldNames dropped;
        /** The text of what was read is no shorter: every token counts one, and a text its length. */
        private long atLeast;

        private int deepest = 1;

        Tree(JsonParser parser, int maxDepth, int maxBytes, FieldNames dropped) {
            this.parser = parser;
            this.maxDepth = maxDepth;
            this.maxBytes = maxBytes;
            this.dropped = dropped;
        }

        boolean isTooDeep() {
            return deepest > maxDepth;
        }

        boolean isOver() {
            return isTooDeep() || atLeast > maxBytes;
        }

        Map<String, Object> object(int depth) {
            Map<String, Object> members = new LinkedHashMap<>();
            while (!isOver()) {
                String name = parser.nextName();
                if (name == null) {
                    break;
                }
                atLeast += name.length() + 1L;
                parser.nextToken();
                Object value = value(depth);
                if (!dropped.hold(name, 0, name.length())) {
                    members.put(Unicode.writable(name), value);
                }
            }
            return members;
        }

        private List<Object> array(int depth) {
            List<Object> elements = new ArrayList<>();
            while (!isOver() && parser.nextToken() != JsonToken.END_ARRAY) {
                elements.add(value(depth));
            }
            return elements;
        }

        private Object value(int depth) {
            atLeast++;
            return switch (parser.currentToken()) {
                case START_OBJECT -> isOneDeeper(depth) ? object(depth + 1) : TOO_MUCH;
                case START_ARRAY -> isOneDeeper(depth) ? array(depth + 1) : TOO_MUCH;
                case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> text();
                default -> new Literal(parser.getString());
            };
        }

        private boolean isOneDeeper(int depth) {
            deepest = Math.max(deepest, depth + 1);
            return !isOver();
        }

        private Object text() {
            atLeast += parser.getStringLength();
            if (isOver()) {
                return TOO_MUCH;
            }
            String text = parser.getString();
            boolean digits = parser.currentToken() != JsonToken.VALUE_STRING
                    && Character.isDigit(text.charAt(text.length() - 1));
            // NaN and the infinities, which JSON has no number for, end in a letter.
            return digits ? new Literal(text) : text;
        }
    }
}
