package org.svos.telemetry.benchmarks;

import jakarta.servlet.Filter;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.svos.telemetry.event.BatchLimits;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.event.Reading;
import org.svos.telemetry.gateway.connection.ConnectionConfiguration;

/**
 * The ceiling that the gateway's intake is held against: the same Tomcat with the same settings and connections, a filter
 * before all else as the intake is one, and the same reader of bodies. It asks for no token, decides nothing, keeps nothing
 * and answers 202, to any path.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@Import(ConnectionConfiguration.class)
@ImportAutoConfiguration({TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class})
public class ParseOnly {

    public static void main(String[] arguments) {
        SpringApplication.run(ParseOnly.class, arguments);
    }

    @Bean
    FilterRegistrationBean<Filter> batches() {
        BatchReader reader = new BatchReader(BatchLimits.CONTRACT);
        FilterRegistrationBean<Filter> filter = new FilterRegistrationBean<>(
                (request, response, _) -> parse(reader, request, (HttpServletResponse) response));
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return filter;
    }

    private static void parse(BatchReader reader, ServletRequest request, HttpServletResponse response)
            throws IOException {
        byte[] body = request.getInputStream().readAllBytes();
        switch (reader.read(new ByteArrayInputStream(body), null)) {
            case Reading.Read read -> answer(response, read.summary().valid());
            case Reading.Malformed fault -> response.sendError(HttpServletResponse.SC_BAD_REQUEST, fault.detail());
            case Reading.TooManyEvents _ -> response.sendError(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
        }
    }

    private static void answer(HttpServletResponse response, int accepted) throws IOException {
        byte[] json = ("{\"accepted\":" + accepted + ",\"rejected\":[]}").getBytes(StandardCharsets.UTF_8);
        response.setStatus(HttpServletResponse.SC_ACCEPTED);
        response.setContentType("application/json");
        response.setContentLength(json.length);
        response.getOutputStream().write(json);
    }
}
