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

    private final BatchReader reader;

    Shaper(BatchReader reader) {
        this.reader = reader;
    }

    /** In how many parts a batch goes out at least. */
    static int parts(SpooledBatch batch) {
        return Math.clamp((batch.bytes() + PART_BYTES - 1) / PART_BYTES, 1, Math.max(1, batch.events()));
    }

    /** Whether a batch is never in memory as a whole. */
    static boolean isLarge(SpooledBatch batch) {
        return parts(batch) > 1;
    }

    /** The memory that so many bytes of a body come to. */
    static long memory(long bytes) {
        return bytes * TIMES_BODY;
    }

    /**
     * Shapes a batch; of a large one, no record.
     *
     * @param streams what was open in a stream before this batch
     */
    Shape shape(SpooledBatch batch, Function<Stream.Key, Stream> streams) {
        return shape(batch, 0, isLarge(batch) ? 0 : batch.events(), streams);
    }

    /**
     * Shapes a batch, with some of its records.
     *
     * @param from the first record
     * @param to behind the last one
     */
    Shape shape(SpooledBatch batch, int from, int to, Function<Stream.Key, Stream> streams) {
        List<Event> events = new ArrayList<>(batch.events());
        Reading reading;
        try (InputStream body = batch.encoding().unpack(batch.body())) {
            reading = reader.with(batch.limits()).read(body, (index, event) -> {
                boolean isWanted = from <= events.size() && events.size() < to;
                events.add(isWanted ? event : withoutPayload(event));
            });
        } catch (IOException e) {
            return new Shape.Unreadable(batch, "cannot be decompressed: " + e.getMessage());
        }
        return switch (reading) {
            case Reading.Read read
            when events.size() == batch.events() -> shape(batch, from, to, read.summary(), events, streams);
            case Reading.Read _ ->
                new Shape.Unreadable(
                        batch, events.size() + " events were read, but " + batch.events() + " had been accepted");
            case Reading.Malformed malformed -> new Shape.Unreadable(batch, malformed.detail());
            case Reading.TooManyEvents many -> new Shape.Unreadable(batch, many.actual() + " events are too many");
        };
    }

    private static Event withoutPayload(Event event) {
        return new Event(
                event.seq(), event.kind(), event.name(), event.version(), event.time(), null, null, null, null, null);
    }

    private static Shape shape(
            SpooledBatch batch,
            int from,
            int to,
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
        return walk.end(batch, host, key);
    }

    private static String given(@Nullable String value) {
        return value == null ? "" : value;
    }
}
