package org.svos.telemetry.gateway.tail;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What happens to one database at this gateway, for those who look on at others. It counts all events from the moment on that somebody
 * looked, and holds those since the last {@link #drain}, as far as there is room: by the count, whoever reads sees what is missing.
 */
final class Outgoing implements Sink {

    /** For one database between two drains. */
    private static final int MOST_BYTES = 256 << 10;
    /** For all. */
    private static final int MOST_BYTES_OF_ALL = 2 << 20;

    private final String stream = UUID.randomUUID().toString();
    private final AtomicLong bytesOfAll;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong passedOver = new AtomicLong();
    private List<Part> parts = new ArrayList<>();
    private long events;
    private long drained;
    private int bytes;

    /**
     * One for a database.
     *
     * @param bytesOfAll what all of this gateway hold together
     */
    Outgoing(AtomicLong bytesOfAll) {
        this.bytesOfAll = bytesOfAll;
    }

    /** A name for what this one counts, and no other does. */
    String stream() {
        return stream;
    }

    @Override
    public AtomicLong waitingBytes() {
        return waitingBytes;
    }

    @Override
    public AtomicLong passedOver() {
        return passedOver;
    }

    @Override
    public synchronized void append(List<Frame> more) {
        for (Frame frame : more) {
            int size = frame.bytes();
            if (bytes + size <= MOST_BYTES && bytesOfAll.addAndGet(size) <= MOST_BYTES_OF_ALL) {
                bytes += size;
                add(frame);
            } else if (bytes + size <= MOST_BYTES) {
                bytesOfAll.addAndGet(-size);
            }
            events++;
        }
    }

    private void add(Frame frame) {
        Part last = parts.isEmpty() ? null : parts.getLast();
        if (last == null || last.end() != events) {
            last = new Part(events, new ArrayList<>());
            parts.add(last);
        }
        last.frames().add(frame);
    }

    @Override
    public synchronized void skip(long more) {
        events += more;
    }

    /** What has come since the last time; an empty part at its end where the last events are not told of. */
    synchronized List<Part> drain() {
        if (events == drained) {
            return List.of();
        }
        if (parts.isEmpty() || parts.getLast().end() < events) {
            parts.add(new Part(events, List.of()));
        }
        List<Part> all = parts;
        parts = new ArrayList<>();
        bytesOfAll.addAndGet(-bytes);
        bytes = 0;
        drained = events;
        return all;
    }
}
