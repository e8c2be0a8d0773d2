package org.svos.telemetry.gateway.tail;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.BatchLimits;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.EventSink;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.event.RejectedEvent;
import org.svos.telemetry.gateway.admission.Batch;
import org.svos.telemetry.gateway.tail.EventFrames.What;

/** What befell events of one database, before it is put into the words that readers see. */
sealed interface Happening {

    /** Beside bodies and payloads: the objects. */
    long OVERHEAD = 1024;

    /** How many events it is about. */
    int events();

    /** What it holds while it waits, about. */
    long bytes();

    /** Puts it there: as many events, kept or skipped, as it is about. */
    void show(Sink sink);

    /**
     * A batch was decided on.
     *
     * @param refusal why all of it was rejected; null if its valid events were admitted
     */
    record Decided(Batch batch, @Nullable Refusal refusal) implements Happening {

        /** As the forwarder's: what of a batch is valid was decided when it came, and its summary says by which limits. */
        private static final BatchReader READER = new BatchReader(new BatchLimits(
                Integer.MAX_VALUE,
                BatchLimits.CONTRACT.maxNameChars(),
                BatchLimits.CONTRACT.payload(),
                BatchLimits.CONTRACT.maxBodyDepth()));

        @Override
        public int events() {
            return batch.summary().events();
        }

        @Override
        public long bytes() {
            return OVERHEAD + batch.body().length;
        }

        @Override
        public void show(Sink sink) {
            Appending appending = new Appending(
                    sink,
                    new EventFrames(batch.sandbox().value(), batch.summary().host()),
                    refusal);
            try (InputStream body = batch.encoding().unpack(batch.body())) {
                READER.with(batch.summary().limits()).read(body, appending);
            } catch (IOException e) {
                throw new IllegalStateException("a body that was read cannot be read again", e);
            } finally {
                appending.end(events());
            }
        }
    }

    /** Why a whole batch was rejected, as the ledger and the answer tell it. */
    record Refusal(String code, String detail) {}

    /** Lantern Rock has taken events. */
    record Delivered(String sandbox, @Nullable Host host, List<Event> records) implements Happening {

        @Override
        public int events() {
            return records.size();
        }

        @Override
        public long bytes() {
            long bytes = OVERHEAD;
            for (Event event : records) {
                bytes += 256 + (event.payload() == null ? 0 : event.payload().length());
            }
            return bytes;
        }

        @Override
        public void show(Sink sink) {
            Appending appending = new Appending(sink, new EventFrames(sandbox, host), null);
            for (Event event : records) {
                appending.add(appending.frames.of(What.DELIVERED, event));
            }
            appending.end(events());
        }
    }

    /** Hands events on by the handful, so that a batch of any size takes the room of a few. */
    final class Appending implements EventSink {

        private static final int AT_ONCE = 32;

        private final Sink sink;
        private final EventFrames frames;
        private final @Nullable Refusal refusal;
        private final List<Frame> ready = new ArrayList<>(AT_ONCE);
        private int added;

        private Appending(Sink sink, EventFrames frames, @Nullable Refusal refusal) {
            this.sink = sink;
            this.frames = frames;
            this.refusal = refusal;
        }

        @Override
        public void accept(int index, Event event) {
            add(
                    refusal == null
                            ? frames.of(What.ADMITTED, event)
                            : frames.refused(event, refusal.code(), refusal.detail()));
        }

        @Override
        public void reject(RejectedEvent event) {
            add(refusal == null ? frames.rejected(event) : frames.refused(event, refusal.code(), refusal.detail()));
        }

        private void add(Frame frame) {
            ready.add(frame);
            added++;
            if (ready.size() == AT_ONCE) {
                flush();
            }
        }

        private void flush() {
            sink.append(ready);
            ready.clear();
        }

        /** Hands over the rest. What is short of all that there should be is skipped. */
        private void end(int expected) {
            flush();
            if (added < expected) {
                sink.skip(expected - added);
            }
        }
    }
}
