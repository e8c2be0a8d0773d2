package org.svos.telemetry.gateway.access;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.servlet.DelegatingFilterProxyRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.context.SecurityContextHolderFilter;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.web.filter.DelegatingFilterProxy;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.settings.DataFolder;
import org.svos.telemetry.gateway.store.Store;

/** Tokens, and the filter chain of the REST API. */
@Configuration(proxyBeanMethods = false)
public class AccessConfiguration implements WebMvcConfigurer {

    private static final String CHAIN = "springSecurityFilterChain";

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new CallerResolver());
    }

    @Bean
    Tokens tokens(Store store) {
        return Tokens.load(store);
    }

    @Bean
    Access access(
            InstantSource clock, @Value("${telemetry.admin-token}") String adminToken, DataFolder data, Tokens tokens) {
        return new Access(clock, AdminToken.of(adminToken, data), tokens);
    }

    @Bean
    TokenUses tokenUses(Tokens tokens, Store store) {
        return new TokenUses(tokens, store);
    }

    /** Stateless: every call brings its token, and nothing is kept between two of them. */
    @Bean
    SecurityFilterChain apiSecurity(HttpSecurity http, Access access) {
        return http.securityMatcher("/api/**")
                .csrf(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .anonymous(AbstractHttpConfigurer::disable)
                .headers(headers -> headers.defaultsDisabled()
                        .cacheControl(Customizer.withDefaults())
                        .contentTypeOptions(Customizer.withDefaults()))
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .addFilterAfter(new BearerFilter(access), SecurityContextHolderFilter.class)
                .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .build();
    }

    /** Paths that could mean two things are refused; a method that nobody knows is for Spring MVC to answer, with 405. */
    @Bean
    HttpFirewall firewall() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setUnsafeAllowAnyHttpMethod(true);
        return firewall;
    }

    @Bean
    RequestRejectedHandler rejectedRequests() {
        return (_, response, rejected) -> Problem.of(
                        ProblemCode.INVALID_REQUEST, "The request was refused: " + rejected.getMessage())
                .writeTo(response);
    }

    /** The chain, for all but the intake: the hot path authenticates by itself and is not to pay for this one too. */
    @Bean
    DelegatingFilterProxyRegistrationBean securityFilter() {
        return new DelegatingFilterProxyRegistrationBean(CHAIN) {
            @Override
            public DelegatingFilterProxy getFilter() {
                return new PassingIntake();
            }
        };
    }

    private static final class PassingIntake extends DelegatingFilterProxy {

        PassingIntake() {
            super(CHAIN);
        }

        /** Not at the server's start, when the rest of the gateway is still being made. */
        @Override
        protected void initFilterBean() {}

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            if (request instanceof HttpServletRequest http && IntakePath.is(http)) {
                chain.doFilter(request, response);
            } else {
                super.doFilter(request, response, chain);
            }
        }
    }
}
