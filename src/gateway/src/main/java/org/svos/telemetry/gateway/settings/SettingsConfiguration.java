package org.svos.telemetry.gateway.settings;

import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The data folder, from its setting. */
@Configuration(proxyBeanMethods = false)
public class SettingsConfiguration {

    @Bean
    DataFolder dataFolder(@Value("${telemetry.data}") Path data) {
        return DataFolder.open(data);
    }
}
