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

    private final BatchReader reader;

    Shaper(BatchReader reader) {
        this.reader = reader;
    }

    /**
     * Shapes a batch.
     *
     * @param streams what was open in a stream before this batch
     */
    Shape shape(SpooledBatch batch, Function<Stream.Key, Stream> streams) {
        List<Event> events = new ArrayList<>(batch.events());
        Reading reading;
        try (InputStream body = batch.encoding().unpack(batch.body())) {
            reading = reader.with(batch.limits()).read(body, (index, event) -> events.add(event));
        } catch (IOException e) {
            return new Shape.Unreadable(batch, "cannot be decompressed: " + e.getMessage());
        }
        return switch (reading) {
            case Reading.Read read
            when events.size() == batch.events() -> shape(batch, read.summary(), events, streams);
            case Reading.Read _ ->
                new Shape.Unreadable(
                        batch, events.size() + " events were read, but " + batch.events() + " had been accepted");
            case Reading.Malformed malformed -> new Shape.Unreadable(batch, malformed.detail());
            case Reading.TooManyEvents many -> new Shape.Unreadable(batch, many.actual() + " events are too many");
        };
    }

    private static Shape shape(
            SpooledBatch batch, BatchSummary summary, List<Event> events, Function<Stream.Key, Stream> streams) {
        var host = summary.host();
        var key = new Stream.Key(
                batch.databaseId(),
                batch.sandbox().value(),
                host == null ? "" : given(host.id()),
                host == null ? "" : given(host.bootId()));
        var walk = new StreamWalk(streams.apply(key), summary.application(), events.size());
        events.forEach(walk::step);
        return walk.end(batch, host, key);
    }

    private static String given(@Nullable String value) {
        return value == null ? "" : value;
    }
}
