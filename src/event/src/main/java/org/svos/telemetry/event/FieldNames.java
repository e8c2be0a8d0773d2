package org.svos.telemetry.event;

import java.util.List;

/**
 * Names of fields that payloads are to be without, whatever the case of their letters. They are few, and compared one by one,
 * so that asking makes no object.
 */
public final class FieldNames {

    /** None at all. */
    static final FieldNames NONE = new FieldNames(List.of());

    private final String[] names;

    /** These names, as they are after the escapes of JSON. */
    public FieldNames(List<String> names) {
        this.names = names.toArray(String[]::new);
    }

    /** Whether that part of a text is one of the names. */
    boolean hold(CharSequence text, int from, int to) {
        for (String name : names) {
            if (name.length() == to - from && isSame(name, text, from)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSame(String name, CharSequence text, int from) {
        for (int i = 0; i < name.length(); i++) {
            char a = name.charAt(i);
            char b = text.charAt(from + i);
            // As String.equalsIgnoreCase has it.
            if (a != b
                    && Character.toLowerCase(Character.toUpperCase(a))
                            != Character.toLowerCase(Character.toUpperCase(b))) {
                return false;
            }
        }
        return true;
    }
}
