package org.svos.telemetry.event;

import org.jspecify.annotations.Nullable;

/**
 * Normalises the payloads that kernel code mostly emits, in one pass over their characters: a fifth of what a parser and a tree
 * take. It knows objects and arrays, keys in either quotes or none ({@code [A-Za-z_$][A-Za-z0-9_$]*}), texts in either quotes
 * without escapes, JSON's numbers, true, false and null. Whatever else a text holds, such as an escape, a comment, a key given
 * twice, or a fault, it leaves to the parser, and comes to the same as that where it does not.
 */
final class PlainPayload {

    /** Of the objects that are open; they are compared one by one. */
    private static final int MAX_KEYS = 24;

    private final String text;
    private final int maxDepth;
    private final FieldNames dropped;
    private final StringBuilder out;
    /** Where the keys of the objects that are open begin and end in what was written. */
    private final int[] keys = new int[2 * MAX_KEYS];

    private int keyCount;
    private int at;

    private PlainPayload(String text, int maxDepth, FieldNames dropped) {
        this.text = text;
        this.maxDepth = maxDepth;
        this.dropped = dropped;
        this.out = new StringBuilder(text.length() + 16);
    }

    /**
     * The text as a strict JSON object, or null if it takes a parser to tell.
     *
     * @param dropped the fields that it is to be without
     */
    static @Nullable String normalise(String text, int maxDepth, FieldNames dropped) {
        var plain = new PlainPayload(text, maxDepth, dropped);
        plain.skipBlanks();
        if (plain.next() != '{' || !plain.object(1)) {
            return null;
        }
        plain.skipBlanks();
        return plain.at == text.length() ? plain.out.toString() : null;
    }

    /** The next character, which is not taken; 0 at the end. */
    private char next() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipBlanks() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r';
    }

    private boolean object(int depth) {
        if (depth > maxDepth) {
            return false;
        }
        int keysBefore = keyCount;
        at++;
        out.append('{');
        skipBlanks();
        boolean isFirst = true;
        while (next() != '}') {
            int before = out.length();
            if (!isFirst && !comma()) {
                return false;
            }
            isFirst = false;
            int from = out.length();
            if (!key(keysBefore)) {
                return false;
            }
            boolean isDropped = dropped.hold(out, from + 1, out.length() - 1);
            skipBlanks();
            if (next() != ':') {
                return false;
            }
            at++;
            out.append(':');
            skipBlanks();
            if (!value(depth)) {
                return false;
            }
            if (isDropped) {
                keyCount--;
                out.setLength(before);
            }
            skipBlanks();
        }
        at++;
        out.append('}');
        keyCount = keysBefore;
        return true;
    }

    private boolean array(int depth) {
        if (depth > maxDepth) {
            return false;
        }
        at++;
        out.append('[');
        skipBlanks();
        boolean isFirst = true;
        while (next() != ']') {
            if (!isFirst && !comma()) {
                return false;
            }
            isFirst = false;
            if (!value(depth)) {
                return false;
            }
            skipBlanks();
        }
        at++;
        out.append(']');
        return true;
    }

    private boolean comma() {
        if (next() != ',') {
            return false;
        }
        at++;
        // Not behind a field that was dropped, if it was the first.
        if (out.charAt(out.length() - 1) != '{') {
            out.append(',');
        }
        skipBlanks();
        return true;
    }

    private boolean key(int ofThisObject) {
        if (keyCount == MAX_KEYS) {
            return false;
        }
        int from = out.length();
        char first = next();
        boolean isQuoted = first == '"' || first == '\'';
        boolean isGood = isQuoted ? quoted(first) : unquoted();
        if (!isGood) {
            return false;
        }
        int to = out.length();
        for (int i = ofThisObject; i < keyCount; i++) {
            if (isSame(keys[2 * i], keys[2 * i + 1], from, to)) {
                return false;
            }
        }
        keys[2 * keyCount] = from;
        keys[2 * keyCount + 1] = to;
        keyCount++;
        return true;
    }

    private boolean isSame(int from, int to, int otherFrom, int otherTo) {
        if (to - from != otherTo - otherFrom) {
            return false;
        }
        for (int i = 0; i < to - from; i++) {
            if (out.charAt(from + i) != out.charAt(otherFrom + i)) {
                return false;
            }
        }
        return true;
    }

    private boolean unquoted() {
        int from = at;
        while (at < text.length() && isOfName(text.charAt(at), at > from)) {
            at++;
        }
        if (at == from) {
            return false;
        }
        out.append('"').append(text, from, at).append('"');
        return true;
    }

    private static boolean isOfName(char c, boolean digitsToo) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (digitsToo && isDigit(c));
    }

    private boolean quoted(char quote) {
        int from = ++at;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == quote) {
                out.append('"').append(text, from, at).append('"');
                at++;
                return true;
            }
            if (c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c)) {
                return false;
            }
            at++;
        }
        return false;
    }

    private boolean value(int depth) {
        char first = next();
        return switch (first) {
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case '"', '\'' -> quoted(first);
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        };
    }

    private boolean literal(String literal) {
        if (!text.startsWith(literal, at)) {
            return false;
        }
        at += literal.length();
        out.append(literal);
        return isEndOfScalar();
    }

    private boolean number() {
        int from = at;
        if (next() == '-') {
            at++;
        }
        boolean isZero = next() == '0';
        int digits = digits();
        if (digits == 0 || (isZero && digits > 1)) {
            return false;
        }
        if (next() == '.') {
            at++;
            if (digits() == 0) {
                return false;
            }
        }
        if ((next() | 0x20) == 'e') {
            at++;
            if (next() == '+' || next() == '-') {
                at++;
            }
            if (digits() == 0) {
                return false;
            }
        }
        out.append(text, from, at);
        return isEndOfScalar();
    }

    private int digits() {
        int from = at;
        while (isDigit(next())) {
            at++;
        }
        return at - from;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private boolean isEndOfScalar() {
        char c = next();
        return c == ',' || c == '}' || c == ']' || isBlank(c);
    }
}
