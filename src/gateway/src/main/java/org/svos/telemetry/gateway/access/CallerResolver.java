package org.svos.telemetry.gateway.access;

import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.svos.telemetry.gateway.access.Authentication.Unauthenticated;
import org.svos.telemetry.gateway.problem.ProblemException;

/** Gives a call of the REST API its {@link Caller}. A path that came past the filter has none and ends in a 401 here. */
final class CallerResolver implements HandlerMethodArgumentResolver {

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == Caller.class;
    }

    @Override
    public Caller resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer model,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory binders) {
        if (SecurityContextHolder.getContext().getAuthentication()
                instanceof BearerFilter.CallerAuthentication authentication) {
            return authentication.getPrincipal();
        }
        throw new ProblemException(new Unauthenticated("This call needs a token.").problem());
    }
}
