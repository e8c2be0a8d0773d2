package org.svos.telemetry.lanternrock.http;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What came back, as far as it was kept.
 *
 * @param type the media type without parameters, in lower case; empty if none was told
 * @param body its first 64 KiB
 * @param isWhole whether that is all of the body, and it came to its end
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Answer(int status, String type, byte[] body, boolean isWhole) {

    static String type(String header) {
        int parameters = header.indexOf(';');
        return (parameters < 0 ? header : header.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    /** The body as text. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
