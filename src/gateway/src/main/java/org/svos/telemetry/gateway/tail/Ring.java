package org.svos.telemetry.gateway.tail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The last events of one database, for all of its readers alike. A reader is a position here and holds nothing, so one that is
 * slow costs what a fast one does; what is overwritten before it comes to it is a gap to it.
 *
 * <p>Each event has a number, from 1 on and without holes. One that could not be kept takes its number with it. The id of an
 * event is {@code <ring>-<number>}: numbers of another ring, as of before a restart, mean nothing here.
 */
final class Ring implements Sink {

    /** What a reader takes at a time, and so holds while its connection takes nothing; a longer event goes alone. */
    private static final int SLICE_BYTES = 64 << 10;

    private final long databaseId;
    private final String id;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    private final TreeMap<Long, Frame> frames = new TreeMap<>();
    private long bytes;
    private long last;

    /** Of batches that wait to be made events of this ring. */
    private final AtomicLong waitingBytes = new AtomicLong();

    /** Events that found no room to wait in, and have taken no numbers yet. */
    private final AtomicLong passedOver = new AtomicLong();

    /** An empty ring; {@code id} is to be no other ring's. */
    Ring(long databaseId, String id, long maxBytes) {
        this.databaseId = databaseId;
        this.id = id;
        this.maxBytes = maxBytes;
    }

    /** What of a ring comes after a position: so many events are missing, then these follow, to the new position. */
    record Slice(long missed, List<Frame> frames, long position) {}

    long databaseId() {
        return databaseId;
    }

    @Override
    public AtomicLong waitingBytes() {
        return waitingBytes;
    }

    @Override
    public AtomicLong passedOver() {
        return passedOver;
    }

    /** The id of the event at a position. */
    String idAt(long position) {
        return id + "-" + position;
    }

    /** The position that such an id tells, or null if it is not of this ring. */
    @Nullable
    Long position(String eventId) {
        int dash = eventId.lastIndexOf('-');
        if (dash < 0 || !eventId.substring(0, dash).equals(id)) {
            return null;
        }
        try {
            long position = Long.parseLong(eventId.substring(dash + 1));
            return position >= 0 && position <= last() ? position : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The position after all there is. */
    long last() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    /** Adds events; the oldest ones make room. */
    @Override
    public void append(List<Frame> more) {
        lock.lock();
        try {
            for (Frame frame : more) {
                last++;
                frames.put(last, frame);
                bytes += frame.bytes();
                while (bytes > maxBytes) {
                    bytes -= frames.pollFirstEntry().getValue().bytes();
                }
            }
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void skip(long events) {
        lock.lock();
        try {
            last += events;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What follows a position, up to {@value #SLICE_BYTES} bytes; waits for it, at most that long. */
    Slice after(long position, long waitNanos) throws InterruptedException {
        lock.lock();
        try {
            long left = waitNanos;
            while (last <= position && left > 0) {
                left = grown.awaitNanos(left);
            }
            List<Frame> slice = new ArrayList<>();
            long at = position;
            long missed = 0;
            int size = 0;
            for (Map.Entry<Long, Frame> entry : frames.tailMap(position, false).entrySet()) {
                if (slice.isEmpty()) {
                    missed = entry.getKey() - position - 1;
                } else if (entry.getKey() != at + 1 || size + entry.getValue().bytes() > SLICE_BYTES) {
                    break;
                }
                at = entry.getKey();
                size += entry.getValue().bytes();
                slice.add(entry.getValue());
            }
            return slice.isEmpty()
                    ? new Slice(Math.max(0, last - position), slice, Math.max(last, position))
                    : new Slice(missed, slice, at);
        } finally {
            lock.unlock();
        }
    }

    /** What it holds, about. */
    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }
}
