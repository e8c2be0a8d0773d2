package org.svos.telemetry.gateway.connection;

import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Tomcat's HTTP/1.1, but that an answer can ask for its connection to be kept whatever its status.
 *
 * <p>Tomcat closes after 400, 408, 411, 413, 414, 500, 501 and 503, since where such an answer is about the framing of the
 * request nobody knows where the next one begins. A batch that was read to its end and refused is no such case: its host
 * would pay for a new connection for each refusal, and most where the gateway is short of everything. The list has no
 * setting, but the status is looked at three times for each answer, and only the second look is written to the client:
 *
 * <pre>
 * the head is prepared   does this status end the connection?   {@link #STAND_IN}
 * useCompression(…)                                              the own one is put back
 * the head is written    which status?                           the own one, for the client and the access log
 * the adapter returns    does this status end the connection?   {@link #STAND_IN}
 * </pre>
 *
 * <p>Nor does a connector that is closing take a request for a bad one.
 *
 * <p>All else that ends a connection still does: bad framing, {@code Connection: close}, an expectation, too much left to read.
 * Public because Tomcat makes it, by its name.
 */
public final class LastingProtocol extends Http11NioProtocol {

    /** A refusal that Tomcat keeps the connection after. */
    private static final int STAND_IN = 422;

    private static final String STATUS = LastingProtocol.class.getName() + ".status";

    /** To be made by its name. */
    public LastingProtocol() {
        // A client that waits for permission to send is refused without its body, where that is what it has coming.
        setContinueResponseTiming("onRead");
    }

    /** Asks for the connection to be kept after this answer, which must not be under way yet. */
    static void keep(Request request, Response response) {
        request.setAttribute(STATUS, response.getStatus());
        response.setStatus(STAND_IN);
    }

    /** Looks through all connections, so it is for what happens now and then. */
    void stallTimeout(String connectionId, Duration timeout) {
        for (SocketWrapperBase<?> connection : getEndpoint().getConnections()) {
            // Named as Tomcat's own processor names it, for the first name stays.
            if (connection
                    .getServletConnection("http/1.1", "")
                    .getConnectionId()
                    .equals(connectionId)) {
                connection.setWriteTimeout(timeout.toMillis());
            }
        }
    }

    @Override
    public boolean useCompression(Request request, Response response) {
        if (request.getAttribute(STATUS) instanceof Integer status) {
            response.setStatus(status);
        }
        return super.useCompression(request, response);
    }

    @Override
    public void setAdapter(Adapter adapter) {
        super.setAdapter(new StandingIn(adapter, this::isPaused));
    }

    /**
     * The adapter, with the stand-in put back for the last look.
     *
     * @param stopping whether no more requests are taken
     */
    private record StandingIn(Adapter adapter, BooleanSupplier stopping) implements Adapter {

        @Override
        public void service(Request request, Response response) throws Exception {
            // A request that has begun to come when the port is closed is left unread after its first line: 503, and
            // then
            // 400 for want of a Host header. Of a 400 the host would believe that its batch is at fault.
            if (response.getStatus() == HttpServletResponse.SC_BAD_REQUEST && stopping.getAsBoolean()) {
                response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            }
            adapter.service(request, response);
            if (request.getAttribute(STATUS) != null) {
                response.setStatus(STAND_IN);
            }
        }

        @Override
        public boolean prepare(Request request, Response response) throws Exception {
            return adapter.prepare(request, response);
        }

        @Override
        public boolean asyncDispatch(Request request, Response response, SocketEvent event) throws Exception {
            return adapter.asyncDispatch(request, response, event);
        }

        @Override
        public void log(Request request, Response response, long nanos) {
            adapter.log(request, response, nanos);
        }

        @Override
        public void checkRecycled(Request request, Response response) {
            adapter.checkRecycled(request, response);
        }

        @Override
        public String getDomain() {
            return adapter.getDomain();
        }
    }
}
