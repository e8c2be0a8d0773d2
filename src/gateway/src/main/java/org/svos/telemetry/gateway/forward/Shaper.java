package org.svos.telemetry.gateway.forward;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.event.BatchSummary;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Reading;
import org.svos.telemetry.gateway.spool.SpooledBatch;

/** Reads the body of a batch again, by the limits that it was admitted under, and makes it records of Lantern Rock's. */
final class Shaper {

    /** A batch with more in it goes out in parts of about so much, so that no more than a part is in memory. */
    private static final long PART_BYTES = 1024 * 1024;
    /** A body's records, with their texts, and their JSON while it is made take about so many times its memory. */
    private static final int TIMES_BODY = 4;
    /** A body is there twice while it is read from the spool. */
    private static final int TIMES_STORED = 2;
    /** Of an event without its payload, at most about. */
    private static final int EVENT_BYTES = 256;

    private final BatchReader reader;

    Shaper(BatchReader reader) {
        this.reader = reader;
    }

    /** Whether a batch is never in memory as a whole. */
    static boolean isLarge(SpooledBatch batch) {
        return isLarge(batch.bytes(), batch.events());
    }

    /**
     * Whether a batch is never in memory as a whole.
     *
     * @param bytes of its decompressed body
     */
    static boolean isLarge(long bytes, int events) {
        return bytes > PART_BYTES && events > 1;
    }

    /**
     * The memory that a batch takes while it is read, shaped and delivered.
     *
     * @param length of its body as it is stored
     * @param bytes of it decompressed
     */
    static long memory(int length, long bytes, int events) {
        return (long) TIMES_STORED * length
                + (isLarge(bytes, events) ? TIMES_BODY * PART_BYTES + (long) EVENT_BYTES * events : TIMES_BODY * bytes);
    }

    /** The memory that a dead letter takes at most about: it is no larger than a part. */
    static long letterMemory() {
        return TIMES_BODY * PART_BYTES;
    }

    /** The id of the host that a batch comes from; empty if it is from none, or cannot be read. */
    String host(SpooledBatch batch) {
        try (InputStream body = batch.encoding().unpack(batch.body())) {
            var host = reader.readHost(body);
            return host == null ? "" : given(host.id());
        } catch (IOException e) {
            // Whoever shapes it finds out, too, and says so.
            return "";
        }
    }

    /**
     * Shapes a batch; of a large one, no record.
     *
     * @param streams what was open in a stream before this batch
     */
    Shape shape(SpooledBatch batch, Function<Stream.Key, Stream> streams) {
        return shape(batch, 0, isLarge(batch) ? 0 : batch.events(), streams);
    }

    /** Shapes a batch without any record. */
    Shape walk(SpooledBatch batch, Function<Stream.Key, Stream> streams) {
        return shape(batch, 0, 0, streams);
    }

    /**
     * Shapes a batch, with some of its records.
     *
     * @param from the first record
     * @param to behind the last one
     */
    Shape shape(SpooledBatch batch, int from, int to, Function<Stream.Key, Stream> streams) {
        List<Event> events = new ArrayList<>(batch.events());
        var parts = new Parts(isLarge(batch));
        Reading reading;
        try (InputStream body = batch.encoding().unpack(batch.body())) {
            reading = reader.with(batch.limits()).read(body, (index, event) -> {
                boolean isWanted = from <= events.size() && events.size() < to;
                parts.add(events.size(), event);
                events.add(isWanted ? event : withoutPayload(event));
            });
        } catch (IOException e) {
            return new Shape.Unreadable(batch, "cannot be decompressed: " + e.getMessage());
        }
        return switch (reading) {
            case Reading.Read read
            when events.size() == batch.events() ->
                shape(batch, from, to, parts.begins(events.size()), read.summary(), events, streams);
            case Reading.Read _ ->
                new Shape.Unreadable(
                        batch, events.size() + " events were read, but " + batch.events() + " had been accepted");
            case Reading.Malformed malformed -> new Shape.Unreadable(batch, malformed.detail());
            case Reading.TooManyEvents many -> new Shape.Unreadable(batch, many.actual() + " events are too many");
        };
    }

    /** Where the parts of a large batch begin, but the first: each is as many events as have room in it, and one at least. */
    private static final class Parts {

        private final List<Integer> begins = new ArrayList<>(0);
        private final boolean isLarge;
        private long bytes;

        Parts(boolean isLarge) {
            this.isLarge = isLarge;
        }

        void add(int index, Event event) {
            if (!isLarge) {
                return;
            }
            String payload = event.payload();
            long more = EVENT_BYTES + (long) (payload == null ? 0 : payload.length());
            if (index > 0 && bytes + more > PART_BYTES) {
                begins.add(index);
                bytes = 0;
            }
            bytes += more;
        }

        /** One at least of a large batch, also where what is large in it is none of its payloads. */
        List<Integer> begins(int events) {
            return isLarge && begins.isEmpty() ? List.of(events / 2) : begins;
        }
    }

    private static Event withoutPayload(Event event) {
        return new Event(
                event.seq(), event.kind(), event.name(), event.version(), event.time(), null, null, null, null, null);
    }

    private static Shape shape(
            SpooledBatch batch,
            int from,
            int to,
            List<Integer> parts,
            BatchSummary summary,
            List<Event> events,
            Function<Stream.Key, Stream> streams) {
        var host = summary.host();
        var key = new Stream.Key(
                batch.databaseId(),
                batch.sandbox().value(),
                host == null ? "" : given(host.id()),
                host == null ? "" : given(host.bootId()));
        var walk = new StreamWalk(streams.apply(key), summary.application(), from, to);
        events.forEach(walk::step);
        return walk.end(batch, parts, host, key);
    }

    private static String given(@Nullable String value) {
        return value == null ? "" : value;
    }
}
