package org.svos.telemetry.lanternrock.standin;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A delivery as it came over the wire and was found valid.
 *
 * @param application its members, texts all; null if it had none
 * @param host its members, texts all; null if it had none
 * @param sessionNames by session id; the name may be missing
 */
record ReceivedDelivery(
        String telemetryId,
        @Nullable Map<String, String> application,
        @Nullable Map<String, String> host,
        Map<String, @Nullable String> sessionNames,
        List<ReceivedRecord> records) {

    /**
     * One record of it.
     *
     * @param count and {@code sum} and the segments as JSON text, with the digits that came
     * @param segments by key, each a JSON scalar as text
     * @param attachment JSON object as text; null if there was none
     */
    record ReceivedRecord(
            @Nullable String name,
            String count,
            String sum,
            String time,
            @Nullable String session,
            Map<String, String> segments,
            @Nullable String attachment) {}
}
