package org.svos.telemetry.loader.spool;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
 * Within a string a line feed is always escaped, so each line feed ends one of these lines. So bodies can be joined, too.
 */
final class BodyLines {

    private static final int LEVEL = 3;
    private static final byte[] BETWEEN = {',', '\n'};

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

    /**
     * One batch of those, in their order.
     *
     * @param count of how many, from the first on: not of one with another first line than the first's, nor of those after it
     */
    record Joined(Part part, int count) {}

    /** Joins batches: the first line of the first, the events of all, the last line of the last, which has lost the most. */
    static Joined joined(List<SpooledBatch> batches) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int events = 0;
        int bytes = 0;
        int count = 0;
        try (ZstdOutputStream zstd = new ZstdOutputStream(out, LEVEL)) {
            zstd.setChecksum(true);
            byte[] head = new byte[0];
            byte[] tail = head;
            for (SpooledBatch batch : batches) {
                byte[] body = Zstd.decompress(batch.body(), batch.bytes());
                int first = firstLine(body);
                int last = lastLine(body);
                if (count == 0) {
                    head = Arrays.copyOf(body, first);
                    zstd.write(head);
                } else if (Arrays.equals(head, 0, head.length, body, 0, first)) {
                    zstd.write(BETWEEN);
                    bytes += BETWEEN.length;
                } else {
                    break;
                }
                zstd.write(body, first, last - first);
                bytes += last - first;
                tail = Arrays.copyOfRange(body, last, body.length);
                events += batch.events();
                count++;
            }
            zstd.write(tail);
            bytes += head.length + tail.length;
        }
        return new Joined(new Part(UUID.randomUUID().toString(), events, bytes, out.toByteArray()), count);
    }

    /** Where the first line ends, its line feed included. */
    private static int firstLine(byte[] body) throws IOException {
        for (int i = 0; i < body.length; i++) {
            if (body[i] == '\n') {
                return i + 1;
            }
        }
        throw new IOException("a body without lines");
    }

    /** Where the line feed before the last line is. */
    private static int lastLine(byte[] body) throws IOException {
        for (int i = body.length - 1; i >= 0; i--) {
            if (body[i] == '\n') {
                return i;
            }
        }
        throw new IOException("a body without lines");
    }

    private static Part part(List<String> of, List<String> events) {
        String joined = String.join("\n", events);
        String unbroken = joined.endsWith(",") ? joined.substring(0, joined.length() - 1) : joined;
        byte[] body = (of.getFirst() + "\n" + unbroken + "\n" + of.getLast()).getBytes(StandardCharsets.UTF_8);
        return new Part(UUID.randomUUID().toString(), events.size(), body.length, Zstd.compress(body, LEVEL));
    }
}
