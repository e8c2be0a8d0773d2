package org.svos.telemetry.benchmarks;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.svos.telemetry.event.BatchLimits;
import org.svos.telemetry.event.BatchReader;
import org.svos.telemetry.event.Reading;

/**
 * The ceiling that the gateway's intake is held against: the same Tomcat with the same settings, the same kind of handler
 * and the same reader of bodies. It asks for no token, decides nothing, keeps nothing and answers 202.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration({TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class})
public class ParseOnly {

    public static void main(String[] arguments) {
        SpringApplication.run(ParseOnly.class, arguments);
    }

    @Bean
    SimpleUrlHandlerMapping batches() {
        BatchReader reader = new BatchReader(BatchLimits.CONTRACT);
        HttpRequestHandler handler = (request, response) -> parse(reader, request, response);
        return new SimpleUrlHandlerMapping(
                Map.of("/api/v1/sandboxes/{sandboxId}/batches", handler), Ordered.HIGHEST_PRECEDENCE);
    }

    private static void parse(BatchReader reader, HttpServletRequest request, HttpServletResponse response)
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
