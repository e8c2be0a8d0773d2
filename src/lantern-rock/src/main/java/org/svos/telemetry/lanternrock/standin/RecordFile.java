package org.svos.telemetry.lanternrock.standin;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was delivered to one database: NDJSON, a line a record, in the order of arrival.
 *
 * <p>The last member of a line says which delivery it came with and which of that delivery's records it is, from 1:
 *
 * <pre>
 * {"database": "lab", "sandbox": "…", …, "payload": {…}, "delivery": {"key": "…", "record": 2, "of": 5}}
 * </pre>
 *
 * <p>So the file alone tells which keys were answered, and with what. Lines of a delivery are written together and synced
 * before the answer; what a crash left of an incomplete one is cut off when the file is opened: it was never answered.
 */
final class RecordFile implements Closeable {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path path;
    private final FileChannel channel;
    private final Map<String, Integer> delivered = new HashMap<>();
    private long length;

    RecordFile(Path path) throws IOException {
        this.path = path;
        boolean isNew = !Files.exists(path);
        this.channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (isNew) {
            try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent())) {
                folder.force(true);
            }
        }
        recover();
    }

    /** How many records were kept under the key; empty if none were. */
    synchronized OptionalInt delivered(String key) {
        Integer records = delivered.get(key);
        return records == null ? OptionalInt.empty() : OptionalInt.of(records);
    }

    /** Keeps the lines of a delivery durably, unless its key was used before. True if they are new. */
    synchronized boolean append(String key, List<String> lines) throws IOException {
        if (delivered.containsKey(key)) {
            return false;
        }
        write(lines);
        delivered.put(key, lines.size());
        return true;
    }

    /** Keeps records durably that are a delivery each, but for those whose key was used before. */
    synchronized void append(SequencedMap<String, String> lines) throws IOException {
        lines.keySet().removeAll(delivered.keySet());
        if (!lines.isEmpty()) {
            write(lines.values());
            lines.keySet().forEach(key -> delivered.put(key, 1));
        }
    }

    private void write(Collection<String> lines) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        long end = length + bytes.remaining();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes, end - bytes.remaining());
            }
            channel.force(false);
        } catch (IOException e) {
            channel.truncate(length);
            throw e;
        }
        length = end;
    }

    /** Length of what was delivered so far, for {@link #copyTo}. */
    synchronized long length() {
        return length;
    }

    void copyTo(OutputStream out, long bytes) throws IOException {
        try (FileChannel reading = FileChannel.open(path, StandardOpenOption.READ)) {
            long from = 0;
            var sink = Channels.newChannel(out);
            while (from < bytes) {
                long moved = reading.transferTo(from, bytes - from, sink);
                if (moved <= 0) {
                    throw new IOException(path + " was emptied while it was read");
                }
                from += moved;
            }
        }
    }

    /** Forgets the records and the keys. */
    synchronized void empty() throws IOException {
        channel.truncate(0);
        channel.force(true);
        length = 0;
        delivered.clear();
    }

    private synchronized void recover() throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            var lines = new LineReader(in);
            long number = 0;
            boolean torn = false;
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                number++;
                if (torn) {
                    throw new IOException(path + " is damaged before line " + number
                            + "; move it away, and the stand-in begins a new one");
                }
                JsonNode delivery = lines.ended() ? delivery(line) : null;
                if (delivery == null) {
                    torn = true;
                } else if (delivery.path("record").asInt()
                        == delivery.path("of").asInt()) {
                    delivered.put(
                            delivery.path("key").asString(), delivery.path("of").asInt());
                    length = lines.position();
                }
            }
        }
        if (channel.size() > length) {
            channel.truncate(length);
            channel.force(true);
        }
    }

    private static @Nullable JsonNode delivery(byte[] line) {
        try {
            JsonNode delivery = JSON.readTree(line).path("delivery");
            return delivery.isObject() ? delivery : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }
}
