package org.svos.telemetry.gateway.connection;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Connections of the API's port. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ConnectionSettings.class)
public class ConnectionConfiguration {

    @Bean
    Connections connections() {
        return new Connections();
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> lastingConnections(
            ConnectionSettings settings, TomcatServerProperties tomcat, Connections connections) {
        return factory -> {
            factory.setProtocol(LastingProtocol.class.getName());
            factory.addConnectorCustomizers(connector -> {
                if (connector.getProtocolHandler() instanceof LastingProtocol lasting) {
                    connections.at(lasting);
                }
            });
            factory.addEngineValves(new LeftoverValve(tomcat.getMaxSwallowSize().toBytes(), settings.drainTimeout()));
        };
    }
}
