package org.svos.telemetry.gateway.intake;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.util.function.SingletonSupplier;

/** Takes batches out of the chain of filters at its start: they need none of the rest, and each has its price. */
final class IntakeFilter implements Filter {

    private final SingletonSupplier<BatchHandler> handler;

    /** The handler is asked for with the first batch: this is made with the server, before what the handler needs. */
    IntakeFilter(SingletonSupplier<BatchHandler> handler) {
        this.handler = handler;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request instanceof HttpServletRequest http && response instanceof HttpServletResponse answer) {
            String sandboxId = IntakePath.sandboxId(http);
            if (sandboxId != null) {
                handler.obtain().handle(http, answer, sandboxId);
                return;
            }
        }
        chain.doFilter(request, response);
    }
}
