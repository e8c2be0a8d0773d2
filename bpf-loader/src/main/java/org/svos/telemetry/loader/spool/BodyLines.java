package org.svos.telemetry.loader.spool;

import com.github.luben.zstd.Zstd;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * A batch's body, laid out in lines so that it can be cut without being parsed.
 *
 * <pre>
 *   {"host":{…},"events":[
 *   {"seq":1,…},
 *   {"seq":2,…}
 *   ],"lost":{…}}
 * </pre>
 *
 * Within a string a line feed is always escaped, so each line feed ends one of these lines. Joined they are by {@link Joining}.
 */
final class BodyLines {

    /** Of compression. */
    static final int LEVEL = 3;

    private BodyLines() {}

    /** Cuts a batch of several events into two that hold the first half of them and the rest. */
    static List<Part> halves(SpooledBatch batch) {
        if (batch.events() < 2) {
            throw new IllegalArgumentException("a batch of " + batch.events() + " events has no halves");
        }
        byte[] body = Zstd.decompress(batch.body(), batch.bytes());
        List<String> lines = new String(body, StandardCharsets.UTF_8).lines().toList();
        List<String> events = lines.subList(1, lines.size() - 1);
        int middle = events.size() / 2;
        return List.of(part(lines, events.subList(0, middle)), part(lines, events.subList(middle, events.size())));
    }

    private static Part part(List<String> of, List<String> events) {
        String joined = String.join("\n", events);
        String unbroken = joined.endsWith(",") ? joined.substring(0, joined.length() - 1) : joined;
        byte[] body = (of.getFirst() + "\n" + unbroken + "\n" + of.getLast()).getBytes(StandardCharsets.UTF_8);
        return new Part(UUID.randomUUID().toString(), events.size(), body.length, Zstd.compress(body, LEVEL));
    }
}
