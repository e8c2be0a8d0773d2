package org.svos.telemetry.gateway.access;

import java.time.InstantSource;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
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
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.svos.telemetry.gateway.problem.Problem;
import org.svos.telemetry.gateway.problem.ProblemCode;
import org.svos.telemetry.gateway.problem.Problems;
import org.svos.telemetry.gateway.settings.DataFolder;
import org.svos.telemetry.gateway.store.Store;

/** Tokens, and the filter chain of the REST API. */
@Configuration(proxyBeanMethods = false)
public class AccessConfiguration implements WebMvcConfigurer {

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
                        ProblemCode.INVALID_REQUEST,
                        "The request was refused: " + Problems.shown(rejected.getMessage()))
                .writeTo(response);
    }
}
