package org.svos.telemetry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import tools.jackson.databind.JsonNode;

/**
 * Reads what the stand-in has received, from its files and each line once, and hands it to the stream that it belongs to.
 *
 * <p>{@link #forget} empties the stand-in, its memory of idempotency keys included: whatever the gateway delivers a second time
 * after that is kept a second time, and seen here.
 */
final class Deliveries {

    private static final int CHUNK_BYTES = 1 << 20;

    private final LanternRockStandIn lanternRock;
    private final Tally tally;
    private final Faults faults;
    private final Map<String, SandboxStream> streams = new HashMap<>();
    private final Map<Path, Long> positions = new HashMap<>();

    Deliveries(LanternRockStandIn lanternRock, Tally tally, Faults faults) {
        this.lanternRock = lanternRock;
        this.tally = tally;
        this.faults = faults;
    }

    /** Hands it what arrives for its sandbox from now on. */
    void watch(SandboxStream stream) {
        streams.put(stream.sandbox(), stream);
    }

    /** Reads what has come since. */
    void read() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(lanternRock.files(), "*.ndjson")) {
            for (Path file : files) {
                positions.put(file, read(file, positions.getOrDefault(file, 0L)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads whole lines from a position on; the position behind the last. */
    private long read(Path file, long from) throws IOException {
        long position = from;
        try (FileChannel channel = FileChannel.open(file)) {
            // Not beyond what is there now: the load may be writing on.
            long end = channel.size();
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            while (position < end) {
                chunk.clear().limit((int) Math.min(CHUNK_BYTES, end - position));
                channel.read(chunk, position);
                int whole = readLines(chunk.array(), chunk.position());
                if (whole == 0) {
                    break;
                }
                position += whole;
            }
        }
        return position;
    }

    private int readLines(byte[] bytes, int length) {
        int begin = 0;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                read(Http.JSON.readTree(bytes, begin, i - begin));
                begin = i + 1;
            }
        }
        return begin;
    }

    private void read(JsonNode line) {
        tally.one("records delivered");
        SandboxStream stream = streams.get(line.path("sandbox").asString(""));
        if (stream == null) {
            faults.found("delivered for a sandbox that nobody sends for: " + line);
        } else {
            stream.arrived(line);
        }
    }

    /** Empties the stand-in. Only while nothing is on its way. */
    void forget() {
        read();
        Http.Answer answer = Http.send("DELETE", lanternRock.url() + "/records", Map.of(), "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(204);
        for (Entry<Path, Long> position : positions.entrySet()) {
            position.setValue(0L);
        }
    }
}
