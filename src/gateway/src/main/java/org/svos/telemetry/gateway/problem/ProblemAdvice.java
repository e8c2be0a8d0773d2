package org.svos.telemetry.gateway.problem;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.svos.telemetry.gateway.store.StoreException;
import org.svos.telemetry.gateway.store.StoreFullException;
import org.svos.telemetry.gateway.store.StoreUnavailableException;

/** Turns whatever ends a call early into a problem. */
@RestControllerAdvice
final class ProblemAdvice {

    private static final long STORE_RETRY_SECONDS = 5;

    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    @ExceptionHandler
    void refused(ProblemException e, HttpServletResponse response) throws IOException {
        write(e.problem(), response);
    }

    /** A defect or a full disk of the store's: the call changed nothing, and may be made again. */
    @ExceptionHandler
    void storeFailed(StoreException e, HttpServletResponse response) throws IOException {
        Problem problem = switch (e) {
            case StoreFullException _ ->
                Problem.of(ProblemCode.SPOOL_FULL, "The gateway's disk is full; nothing was changed.");
            case StoreUnavailableException _ ->
                Problem.of(ProblemCode.UNAVAILABLE, "The gateway's store does not answer; nothing was changed.");
        };
        log.warn("a call failed for its store: {}", e.getMessage());
        write(problem.retryAfter(STORE_RETRY_SECONDS), response);
    }

    /** A parameter or path that Spring or Tomcat cannot read, or a header that the firewall lets nobody read. */
    @ExceptionHandler({TypeMismatchException.class, InvalidParameterException.class, RequestRejectedException.class})
    void unreadable(Exception e, HttpServletRequest request, HttpServletResponse response) throws IOException {
        write(Problems.ofStatus(400, request), response);
    }

    /** A body that Spring's own calls, the probes, cannot make anything of: they take none, but look at it. */
    @ExceptionHandler
    void unreadable(HttpMessageNotReadableException e, HttpServletResponse response) throws IOException {
        write(Problem.of(ProblemCode.MALFORMED_BODY, "The body is not what this call can read. Send none."), response);
    }

    @ExceptionHandler
    void unsupported(HttpMediaTypeNotSupportedException e, HttpServletResponse response) throws IOException {
        List<String> known = e.getSupportedMediaTypes().stream()
                .map(MediaType::toString)
                .sorted()
                .toList();
        write(Problems.unsupportedMediaType(String.valueOf(e.getContentType()), known), response);
    }

    /** What Spring MVC itself found: no such path, no such method, nothing acceptable. */
    @ExceptionHandler
    void failed(Exception e, HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (e) {
            case AsyncRequestNotUsableException gone -> log.debug("the client has gone: {}", gone.getMessage());
            case ErrorResponse answer
            when answer.getStatusCode().value() != 500 -> {
                int status = answer.getStatusCode().value();
                Problem problem = Problems.ofStatus(status, request);
                String allow = answer.getHeaders().getFirst(HttpHeaders.ALLOW);
                write(allow == null ? problem : problem.withHeader(HttpHeaders.ALLOW, allow), response);
            }
            default -> {
                log.error("{} {} failed", request.getMethod(), request.getRequestURI(), e);
                write(Problems.ofStatus(500, request), response);
            }
        }
    }

    private static void write(Problem problem, HttpServletResponse response) throws IOException {
        if (!response.isCommitted()) {
            response.resetBuffer();
            problem.writeTo(response);
        }
    }
}
