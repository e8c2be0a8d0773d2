package org.svos.telemetry.event;

import tools.jackson.core.JsonParser;

/**
 * What the codec asks of text. A lone surrogate, which JSON's escapes can spell and UTF-8 cannot, becomes U+FFFD: every text
 * that leaves the codec can be written as UTF-8.
 */
final class Unicode {

    private static final char REPLACEMENT = '\uFFFD';

    private Unicode() {}

    /** Whether the parser's text takes more than that many bytes in UTF-8. A long one is not put together for it. */
    static boolean exceedsBytes(JsonParser parser, int maxBytes) {
        int length = parser.getStringLength();
        if (length > maxBytes) {
            return true;
        }
        return length * 3L > maxBytes
                && bytes(parser.getStringCharacters(), parser.getStringOffset(), length) > maxBytes;
    }

    private static int bytes(char[] text, int offset, int length) {
        int bytes = 0;
        for (int i = offset; i < offset + length; i++) {
            char c = text[i];
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (isPair(text, i, offset + length)) {
                bytes += 4;
                i++;
            } else {
                bytes += 3;
            }
        }
        return bytes;
    }

    /** Whether the parser's text has more than that many characters (code points). A long one is not put together for it. */
    static boolean exceedsCharacters(JsonParser text, int maxCharacters) {
        int length = text.getStringLength();
        return length > maxCharacters
                && (length > 2 * maxCharacters
                        || Character.codePointCount(text.getStringCharacters(), text.getStringOffset(), length)
                                > maxCharacters);
    }

    /** The text with its lone surrogates replaced. */
    static String writable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return replaced(text, i, false);
            }
        }
        return text;
    }

    /** The text with its lone surrogates and NULs replaced: a name, which stores and files must be able to hold. */
    static String name(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                return replaced(text, i, true);
            }
        }
        return text;
    }

    private static String replaced(String text, int from, boolean alsoNul) {
        char[] chars = text.toCharArray();
        for (int i = from; i < chars.length; i++) {
            char c = chars[i];
            if (isPair(chars, i, chars.length)) {
                i++;
            } else if (Character.isSurrogate(c) || (alsoNul && c == 0)) {
                chars[i] = REPLACEMENT;
            }
        }
        return new String(chars);
    }

    private static boolean isPair(char[] text, int index, int end) {
        return Character.isHighSurrogate(text[index]) && index + 1 < end && Character.isLowSurrogate(text[index + 1]);
    }
}
