package org.svos.telemetry.gateway.connection;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The connections of the API's port, for those whose answers are not over soon. */
public final class Connections {

    private volatile @Nullable LastingProtocol protocol;

    Connections() {}

    void at(LastingProtocol theirs) {
        protocol = theirs;
    }

    /**
     * Closes this request's connection if the client takes nothing of the answer for so long, where others are given Tomcat's
     * minute. It stays so for the connection's later requests.
     */
    public void stallTimeout(HttpServletRequest request, Duration timeout) {
        LastingProtocol theirs = protocol;
        if (theirs != null) {
            theirs.stallTimeout(request.getServletConnection().getConnectionId(), timeout);
        }
    }
}
