package org.svos.telemetry.event;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/** Names as they were made last, so that one that comes with each event of a batch is made once. */
final class RecentNames {

    /** A power of two. */
    private static final int PLACES = 32;

    private final @Nullable String[] names = new @Nullable String[PLACES];

    /** The parser's text as a name, {@link Unicode#name} applied. */
    String get(JsonParser parser) {
        char[] chars = parser.getStringCharacters();
        int offset = parser.getStringOffset();
        int length = parser.getStringLength();
        int hash = length;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + chars[i];
        }
        int place = hash & (PLACES - 1);
        String known = names[place];
        if (known != null && isSame(known, chars, offset, length)) {
            return known;
        }
        String name = Unicode.name(new String(chars, offset, length));
        names[place] = name;
        return name;
    }

    private static boolean isSame(String known, char[] chars, int offset, int length) {
        if (known.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (known.charAt(i) != chars[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
