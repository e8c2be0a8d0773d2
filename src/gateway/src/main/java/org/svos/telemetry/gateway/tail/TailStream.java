package org.svos.telemetry.gateway.tail;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one reader gets, as server-sent events:
 *
 * <pre>
 * : tail of mydb                                     at once, so that the client knows that it is connected
 *
 * id: 1x8c-17                                        an event, see {@link EventFrames}
 * event: admitted
 * data: {…}
 *
 * id: 1x8c-40                                        events that were gone before they could be sent
 * event: gap
 * data: {"missed":22,"detail":"…"}                   how many, of all that are not filtered; null if nobody knows
 *
 * : still here                                       a heartbeat. The id is what to resume from, also where a filter
 * id: 1x8c-95                                        lets nothing pass; without data it is no event to a client
 *
 * event: end                                         the last
 * data: {"reason":"token-invalid","detail":"…"}
 * </pre>
 *
 * A virtual thread runs it, and waits in it: for the ring, and for the connection to take what is written.
 */
final class TailStream {

    /** How long it waits for events before it looks again whether it may go on. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Ring ring;
    private final TailFilter filter;
    private final OutputStream out;
    private final long heartbeatNanos;
    private long position;
    private long wroteAt = System.nanoTime();
    private boolean unsent;

    TailStream(Ring ring, TailFilter filter, Duration heartbeat, OutputStream out) {
        this.ring = ring;
        this.filter = filter;
        this.heartbeatNanos = heartbeat.toNanos();
        this.out = out;
    }

    /** Why a stream ends, if the client does not end it. */
    enum End {
        DATABASE_REMOVED("database-removed", "The database was removed."),
        TOKEN_INVALID("token-invalid", "The token is expired or revoked, or may not read this any longer."),
        STOPPING("stopping", "The gateway is shutting down. Connect again.");

        private final String code;
        private final String detail;

        End(String code, String detail) {
            this.code = code;
            this.detail = detail;
        }
    }

    /**
     * Sends until there is a reason to end, or the client has gone.
     *
     * @param from the {@code Last-Event-ID}, or null to begin with what happens next
     * @param end asked before anything is sent
     * @throws IOException if the client has gone, or takes nothing any longer
     */
    void run(String database, @Nullable String from, Supplier<@Nullable End> end) throws IOException {
        position = ring.last();
        write(": tail of " + database + "\nretry: 2000\n\n");
        if (from != null) {
            resume(from);
        }
        flush();
        try {
            End reason = end.get();
            while (reason == null) {
                Ring.Slice slice = ring.after(position, Math.min(LOOK_NANOS, heartbeatNanos));
                reason = end.get();
                if (reason == null) {
                    send(slice);
                }
            }
            write("event: end\ndata: {\"reason\":\"" + reason.code + "\",\"detail\":\"" + reason.detail + "\"}\n\n");
            flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void resume(String from) throws IOException {
        Long known = ring.position(from);
        if (known == null) {
            // Of a ring that is no more: what it had since, nobody knows. What this one has is all sent.
            position = 0;
            gap(null, "What happened since this Last-Event-ID is not known here any longer.", 0);
        } else {
            position = known;
        }
    }

    private void send(Ring.Slice slice) throws IOException {
        long number = slice.position() - slice.frames().size();
        if (slice.missed() > 0) {
            gap(slice.missed(), "More events came than could be kept for this reader.", number);
        }
        for (Frame frame : slice.frames()) {
            number++;
            if (frame.isUnknown()) {
                gap(null, "What happened at other gateways for a while is not known here.", number);
            } else if (filter.shows(frame)) {
                write("id: " + ring.idAt(number) + "\n");
                out.write(frame.text());
            }
        }
        position = slice.position();
        if (System.nanoTime() - wroteAt >= heartbeatNanos) {
            write(": still here\nid: " + ring.idAt(position) + "\n\n");
        }
        flush();
    }

    private void gap(@Nullable Long missed, String detail, long upTo) throws IOException {
        write("id: " + ring.idAt(upTo) + "\nevent: gap\ndata: {\"missed\":" + missed + ",\"detail\":\"" + detail
                + "\"}\n\n");
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        wroteAt = System.nanoTime();
        unsent = true;
    }

    private void flush() throws IOException {
        if (unsent) {
            out.flush();
            unsent = false;
        }
    }
}
