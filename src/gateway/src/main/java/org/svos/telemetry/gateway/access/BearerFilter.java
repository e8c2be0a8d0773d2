package org.svos.telemetry.gateway.access;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;
import org.svos.telemetry.gateway.access.Authentication.Authenticated;
import org.svos.telemetry.gateway.access.Authentication.Unauthenticated;

/** Lets Spring Security know the caller of the REST API, or ends the call with a 401. */
final class BearerFilter extends OncePerRequestFilter {

    private final Access access;

    BearerFilter(Access access) {
        this.access = access;
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false; // a stream's later dispatches are calls too
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        switch (access.authenticate(request.getHeader(HttpHeaders.AUTHORIZATION))) {
            case Authenticated(Caller caller) -> {
                SecurityContext context = SecurityContextHolder.createEmptyContext();
                context.setAuthentication(new CallerAuthentication(caller));
                SecurityContextHolder.setContext(context);
                chain.doFilter(request, response);
            }
            case Unauthenticated refusal -> refusal.problem().writeTo(response);
        }
    }

    /** A caller as Spring Security knows one. */
    static final class CallerAuthentication extends AbstractAuthenticationToken {

        @SuppressWarnings("serial") // never sent anywhere: there are no sessions
        private final Caller caller;

        CallerAuthentication(Caller caller) {
            super(List.of(new SimpleGrantedAuthority("ROLE_" + caller.role().name())));
            this.caller = caller;
            setAuthenticated(true);
        }

        @Override
        public Caller getPrincipal() {
            return caller;
        }

        @Override
        public String getCredentials() {
            return ""; // not kept
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof CallerAuthentication that && caller.equals(that.caller);
        }

        @Override
        public int hashCode() {
            return caller.hashCode();
        }
    }
}
