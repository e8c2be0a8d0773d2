package org.svos.telemetry.gateway.forward;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.svos.telemetry.event.Application;
import org.svos.telemetry.event.Event;
import org.svos.telemetry.event.Host;
import org.svos.telemetry.gateway.forward.Stream.OpenSession;
import org.svos.telemetry.gateway.spool.SpooledBatch;
import org.svos.telemetry.lanternrock.Delivery;
import org.svos.telemetry.lanternrock.Session;
import org.svos.telemetry.lanternrock.TelemetryRecord;
import org.svos.telemetry.lanternrock.TelemetryRecord.Segments;

/**
 * One way through the events of a batch, with what is open in their stream.
 *
 * <p>A {@code register} sets the application, a {@code session_begin} the session; a begin while one is open leaves that one
 * without a duration: its end never came. A {@code session_end} ends the session and an {@code unregister} both, each after its
 * own record, which still belongs to them. An application that the batch itself names counts for all of its records, and
 * changes nothing in the stream.
 *
 * <p>Duration = time of the end − time of the begin, never below zero: the wall clock may have been set back meanwhile.
 */
final class StreamWalk {

    private final Delivery.@Nullable Application ofBatch;
    private final int from;
    private final int to;
    private final List<TelemetryRecord> records;
    private final List<Shape.Run> runs = new ArrayList<>(1);
    private final Map<String, Session> sessions = new LinkedHashMap<>();
    private @Nullable OpenSession session;
    private Delivery.@Nullable Application application;

    private int events;

    /**
     * A walk.
     *
     * @param from the first event that a record is made of
     * @param to behind the last one
     */
    StreamWalk(Stream before, @Nullable Application ofBatch, int from, int to) {
        this.ofBatch = ofBatch == null ? null : application(ofBatch.name(), ofBatch.version());
        this.from = from;
        this.to = to;
        this.records = new ArrayList<>(to - from);
        this.session = before.session();
        this.application = before.application();
    }

    void step(Event event) {
        switch (event.kind()) {
            case REGISTER -> {
                application = application(event.name(), event.version());
                add(event);
            }
            case SESSION_BEGIN -> {
                session = new OpenSession(event.seq() + "@" + event.time(), event.name(), event.time());
                add(event);
            }
            case MESSAGE -> add(event);
            case SESSION_END -> {
                add(event);
                close(event.time());
            }
            case UNREGISTER -> {
                add(event);
                close(event.time());
                application = null;
            }
        }
    }

    private void add(Event event) {
        OpenSession open = session;
        if (open != null) {
            sessions.computeIfAbsent(open.id(), id -> new Session(id, open.name(), open.start(), null));
        }
        Delivery.Application now = ofBatch == null ? application : ofBatch;
        if (runs.isEmpty() || !Objects.equals(runs.getLast().application(), now)) {
            runs.add(new Shape.Run(events, now));
        }
        if (from <= events && events < to) {
            records.add(record(event, open));
        }
        events++;
    }

    private static TelemetryRecord record(Event event, @Nullable OpenSession open) {
        return new TelemetryRecord(
                event.name(),
                1,
                0,
                new Segments(
                        event.kind().wireName(),
                        event.seq(),
                        event.bootTimeNs(),
                        event.cpu(),
                        event.pid(),
                        event.comm()),
                event.time(),
                open == null ? null : open.id(),
                event.payload());
    }

    private void close(Instant end) {
        OpenSession open = session;
        if (open != null) {
            Duration lasted = Duration.between(open.start(), end);
            sessions.put(
                    open.id(),
                    new Session(open.id(), open.name(), open.start(), lasted.isNegative() ? Duration.ZERO : lasted));
            session = null;
        }
    }

    Shape.Shaped end(SpooledBatch batch, List<Integer> parts, @Nullable Host host, Stream.Key key) {
        return new Shape.Shaped(
                batch,
                from,
                records,
                runs,
                parts,
                sessions,
                host == null
                        ? null
                        : new Delivery.Host(host.id(), host.name(), host.bootId(), host.kernel(), host.loaderVersion()),
                key,
                new Stream(session, application));
    }

    private static Delivery.@Nullable Application application(@Nullable String name, @Nullable String version) {
        return name == null && version == null ? null : new Delivery.Application(name, version);
    }
}
