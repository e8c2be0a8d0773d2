package org.svos.telemetry.gateway.problem;

import jakarta.servlet.ServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers with a problem where Tomcat would with a page: what never reached the application, or escaped from it. */
public final class ProblemValve extends ErrorReportValve {

    private static final String OWN = ProblemValve.class.getName() + ".own";

    private static final Logger log = LoggerFactory.getLogger(ProblemValve.class);

    /**
     * Tells what the application answers, should Tomcat not let it: when a body cannot be read to its end it closes the
     * response behind the application's back.
     */
    public static void answering(ServletRequest request, Problem problem) {
        request.setAttribute(OWN, problem);
    }

    @Override
    protected void report(Request request, Response response, @Nullable Throwable fault) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        if (fault != null && status == 500) {
            log.error("{} {} failed", request.getMethod(), request.getRequestURI(), fault);
        }
        try {
            Problem problem =
                    request.getAttribute(OWN) instanceof Problem own ? own : Problems.ofStatus(status, request);
            problem.writeTo(response);
            response.finishResponse();
        } catch (IOException | IllegalStateException e) {
            log.debug("the client has gone before its problem: {}", e.getMessage());
        }
    }
}
