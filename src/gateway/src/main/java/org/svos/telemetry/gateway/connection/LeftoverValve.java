package org.svos.telemetry.gateway.connection;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for each answer what becomes of its connection. A refusal of the application's own keeps it. What is left of the
 * request's body is read, unheard, after the answer has gone out: to its end, or the connection is closed, for the next request
 * begins there and nowhere else.
 */
final class LeftoverValve extends ValveBase {

    private static final Logger log = LoggerFactory.getLogger(LeftoverValve.class);

    private final long maxBytes;
    private final long maxNanos;

    /**
     * Reads no more than that after an answer.
     *
     * @param maxBytes of a body
     * @param timeout for it
     */
    LeftoverValve(long maxBytes, Duration timeout) {
        super(true);
        this.maxBytes = maxBytes;
        this.maxNanos = timeout.toNanos();
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
        if (request.isAsync()) {
            return;
        }
        org.apache.coyote.Request wire = request.getCoyoteRequest();
        if (isOwnRefusal(response) && !response.isCommitted() && response.getHeader("Connection") == null) {
            LastingProtocol.keep(wire, response.getCoyoteResponse());
        }
        AtomicBoolean read = new AtomicBoolean();
        wire.action(ActionCode.REQUEST_BODY_FULLY_READ, read);
        // One that still waits for permission to send is told by the answer itself to begin anew.
        if (!read.get() && !wire.hasExpectation() && !response.isError()) {
            response.finishResponse();
            if (!drained(wire)) {
                wire.action(ActionCode.DISABLE_SWALLOW_INPUT, null);
            }
        }
    }

    /** One of the statuses that the application uses for requests which it has understood, not an error that Tomcat found. */
    private static boolean isOwnRefusal(Response response) {
        int status = response.getStatus();
        return (status == 400 || status == 413 || status == 503) && !response.isError();
    }

    private boolean drained(org.apache.coyote.Request wire) {
        long end = System.nanoTime() + maxNanos;
        long left = maxBytes;
        Unheard unheard = new Unheard();
        try {
            for (int n = wire.doRead(unheard); n >= 0; n = wire.doRead(unheard)) {
                left -= n;
                if (left < 0 || System.nanoTime() - end > 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            log.debug("the rest of a refused body did not come: {}", e.getMessage());
            return false;
        }
    }

    /** Is shown each piece of a body, and keeps none. */
    private static final class Unheard implements ApplicationBufferHandler {

        private ByteBuffer piece = ByteBuffer.allocate(0);

        @Override
        public void setByteBuffer(ByteBuffer buffer) {
            piece = buffer;
        }

        @Override
        public ByteBuffer getByteBuffer() {
            return piece;
        }

        @Override
        public void expand(int size) {
            // The pieces are the connection's own: there is nothing to make room for.
        }
    }
}
