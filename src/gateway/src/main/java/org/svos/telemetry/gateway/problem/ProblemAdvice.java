package org.svos.telemetry.gateway.problem;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** Turns whatever ends a call early into a problem. */
@RestControllerAdvice
final class ProblemAdvice {

    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    @ExceptionHandler
    void refused(ProblemException e, HttpServletResponse response) throws IOException {
        write(e.problem(), response);
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
